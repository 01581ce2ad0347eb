// A React app through the real single-spa-react, as it would be written for single-spa.
import React, { useEffect, useState } from 'react';
import ReactDOMClient from 'react-dom/client';
import singleSpaReact from 'single-spa-react';

function Counter({ portico }) {
  const [count, setCount] = useState(0);
  useEffect(() => () => void (globalThis.reactCleaned = true), []);
  return (
    <section>
      <h1>React at {portico.path}</h1>
      <button type="button" onClick={() => setCount(count + 1)}>
        Pressed {count}
      </button>
      <a href="/react/more">More React</a> <a href="/">Back to start</a>
    </section>
  );
}

export const { bootstrap, mount, unmount, update } = singleSpaReact({
  React,
  ReactDOMClient,
  rootComponent: Counter,
  errorBoundary: (error) => <p role="alert">{error.message}</p>,
});
