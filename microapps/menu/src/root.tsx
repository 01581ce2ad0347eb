import { type AppContext, type MountParcel, user } from '@portico/sdk';
import type { JSX } from 'preact';
import { ParcelContext } from './parts/parcels.tsx';
import { queryOf } from './query.ts';
import { type Session, SessionContext } from './session.ts';
import { showQuery } from './show-query.ts';
import { Landing } from './views/landing.tsx';
import { Restaurant } from './views/restaurant.tsx';
import { Search } from './views/search.tsx';

interface Props {
  readonly session: Session;
  readonly portico: AppContext;
  readonly mountParcel: MountParcel;
}

/** The view that an address asks for. */
export function Root({ session, portico: { params, url }, mountParcel }: Props): JSX.Element {
  const { id } = params;
  if (!user()) return <Landing />;
  return (
    <SessionContext.Provider value={session}>
      <ParcelContext.Provider value={mountParcel}>
        {id === undefined ? <Search asked={queryOf(url)} onQuery={showQuery} /> : <Restaurant key={id} id={id} />}
      </ParcelContext.Provider>
    </SessionContext.Provider>
  );
}
