import { type App, type AppProps, type Hook, idempotencyKey, messages, navigate, user } from '@portico/sdk';
import React, { type ReactNode } from 'react';
import ReactDOMClient from 'react-dom/client';
import singleSpaReact from 'single-spa-react';
import { type Additions, additionOf } from './addition.ts';
import { keptCommands } from './kept-commands.ts';
import { orderMoves } from './order-moves.ts';
import { Page, Tool } from './root.tsx';
import { load, t } from './say.ts';
import { connection, SdkCheckoutApi } from './sdk-api.ts';
import { createSession, type Session } from './session.ts';

/** The runtime's props with the session that both of checkout's places show. */
type Props = AppProps & { readonly session: Session };

/**
 * Makes the life-cycle functions. Checkout stands in two slots at once; both show the same session, which is made when
 * the first of them is mounted. (single-spa-react keeps its roots by `name`, which the runtime makes unique per slot.)
 */
export function lifecycles(): Required<Pick<App, 'bootstrap' | 'mount' | 'unmount' | 'update'>> {
  const react = singleSpaReact<Props>({ React, ReactDOMClient, rootComponent: Checkout, errorBoundary: broken });
  let session: Session | undefined;

  function shared(props: AppProps): Props {
    session ??= createSession({
      api: new SdkCheckoutApi(props.portico.api),
      name: user()?.name ?? '',
      newKey: idempotencyKey,
      now: () => new Date(),
      kept: keptCommands(props.portico.api.base),
      connection,
      moves: orderMoves,
      additions,
      goTo,
    });
    return { ...props, session };
  }

  const started = (hook: (props: Props) => unknown) => (props: AppProps) => hook(shared(props));
  return {
    bootstrap: [load, react.bootstrap as Hook],
    mount: started(react.mount),
    unmount: started(react.unmount),
    update: started(react.update as (props: Props) => unknown),
  };
}

function Checkout(props: Props): ReactNode {
  if (inTools(props)) return <Tool session={props.session} />;
  return <Page session={props.session} path={props.portico.path} params={props.portico.params} />;
}

function inTools({ name }: AppProps): boolean {
  return name.endsWith('#tools');
}

const additions: Additions = (take) =>
  messages.subscribe('basket.add/1', async ({ id, data }) => {
    const addition = additionOf(id, data);
    if (addition) await take(addition);
    else console.error('checkout: a basket.add/1 message names no dish', data);
  });

function goTo(path: string): void {
  navigate(path).catch(() => location.assign(path));
}

/** What stands in the place of a view that threw while rendering. */
function broken(_error: Error, _info: React.ErrorInfo, props: AppProps): React.ReactElement {
  if (inTools(props)) return <a href="/basket">{t('basketLink')}</a>;
  return (
    <div className="p-fallback" role="alert">
      <h1 tabIndex={-1}>{t('broke')}</h1>
      <p>{t('brokeText')}</p>
      <button type="button" className="p-button" onClick={() => location.reload()}>
        {t('loadAgain')}
      </button>
    </div>
  );
}
