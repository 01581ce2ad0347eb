import { type AppContext, user } from '@portico/sdk';
import type { JSX } from 'preact';
import { queryOf } from './query.ts';
import { type Session, SessionContext } from './session.ts';
import { showQuery } from './show-query.ts';
import { Landing } from './views/landing.tsx';
import { Restaurant } from './views/restaurant.tsx';
import { Search } from './views/search.tsx';

interface Props {
  readonly session: Session;
  readonly portico: AppContext;
}

/** The view that an address asks for. */
export function Root({ session, portico: { params, url } }: Props): JSX.Element {
  const { id } = params;
  if (!user()) return <Landing />;
  return (
    <SessionContext.Provider value={session}>
      {id === undefined ? <Search asked={queryOf(url)} onQuery={showQuery} /> : <Restaurant key={id} id={id} />}
    </SessionContext.Provider>
  );
}
