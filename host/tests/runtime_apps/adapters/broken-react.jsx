// A React app that throws while it renders: its error boundary shows that.
import React from 'react';
import ReactDOMClient from 'react-dom/client';
import singleSpaReact from 'single-spa-react';
import { recorded } from './recorded.js';

function Broken() {
  throw new Error('React: out of order');
}

export const { bootstrap, mount, unmount } = recorded(
  singleSpaReact({
    React,
    ReactDOMClient,
    rootComponent: Broken,
    errorBoundary: (error) => <h1 role="alert">{error.message}</h1>,
  }),
);
