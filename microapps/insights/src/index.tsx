/** `@reporting/insights`: how a restaurant has done, day by day. Written in React, through single-spa-react. */
import { type App, type AppProps, defineApp, type Hook } from '@portico/sdk';
import React, { type ReactElement } from 'react';
import ReactDOMClient from 'react-dom/client';
import singleSpaReact from 'single-spa-react';
import './insights.css';
import { InsightsApi } from './model.ts';
import { Page } from './page.tsx';
import { load, t } from './say.ts';

const react = singleSpaReact<AppProps>({
  React,
  ReactDOMClient,
  rootComponent: ({ portico }) => <Page api={new InsightsApi(portico.api)} />,
  errorBoundary: broken,
});

export const { bootstrap, mount, unmount } = defineApp({
  bootstrap: [load, react.bootstrap as Hook],
  mount: react.mount as Hook,
  unmount: react.unmount as Hook,
}) as Required<Pick<App, 'bootstrap' | 'mount' | 'unmount'>>;

/** What stands in the place of a view that threw while rendering. */
function broken(): ReactElement {
  return (
    <div className="p-fallback" role="alert">
      <h1 tabIndex={-1}>{t('ourMistake')}</h1>
      <button type="button" className="p-button" onClick={() => location.reload()}>
        {t('tryAgain')}
      </button>
    </div>
  );
}
