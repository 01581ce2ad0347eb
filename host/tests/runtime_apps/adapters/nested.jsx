// A React app that shows the other frameworks' parcels by single-spa-react's own component.
import React, { useState } from 'react';
import ReactDOMClient from 'react-dom/client';
import singleSpaReact from 'single-spa-react';
import Parcel from 'single-spa-react/parcel';
import { recorded } from './recorded.js';

const KINDS = ['vue', 'svelte', 'element'];

function View({ mountParcel }) {
  const [shown, setShown] = useState(true);
  const [text, setText] = useState('one');
  return (
    <section>
      <h1>Nested</h1>
      <button type="button" onClick={() => setText(`${text} more`)}>
        More text
      </button>
      <button type="button" onClick={() => setShown(!shown)}>
        Show or hide
      </button>
      {shown &&
        KINDS.map((kind) => (
          <Parcel
            key={kind}
            config={() => import(`@site/${kind}`).then(({ parcel }) => parcel)}
            mountParcel={mountParcel}
            text={`${kind} ${text}`}
          />
        ))}
    </section>
  );
}

export const { bootstrap, mount, unmount } = recorded(
  singleSpaReact({
    React,
    ReactDOMClient,
    rootComponent: View,
    errorBoundary: (error) => <p role="alert">{error.message}</p>,
  }),
);
