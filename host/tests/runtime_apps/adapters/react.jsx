// An app and a parcel in React, by single-spa-react.
import React, { useState } from 'react';
import ReactDOMClient from 'react-dom/client';
import singleSpaReact from 'single-spa-react';
import { recorded } from './recorded.js';

function View({ text, kept, portico }) {
  const [count, setCount] = useState(0);
  return (
    <section>
      <h1>React {portico?.path}</h1>
      <p>
        {text ?? 'no text'}, {kept ?? 'nothing kept'}
      </p>
      <button type="button" onClick={() => setCount(count + 1)}>
        Pressed {count}
      </button>
      <a href="/react/more">More</a>
    </section>
  );
}

const errorBoundary = (error) => <p role="alert">{error.message}</p>;
const made = () => singleSpaReact({ React, ReactDOMClient, rootComponent: View, errorBoundary });

export const { bootstrap, mount, unmount, update } = recorded(made());
export const parcel = recorded(made());
