// A view with a hook in it: works only if react-dom and the view have one and the same React.
import { createElement, useState, version } from 'react';
import { createRoot } from 'react-dom/client';

let root;

function Counter({ name }) {
  const [count, setCount] = useState(0);
  return createElement(
    'section',
    { 'aria-label': name },
    createElement('h2', null, `${name} on React ${version.split('.')[0]}`),
    createElement('button', { type: 'button', onClick: () => setCount(count + 1) }, `${name}: ${count}`),
  );
}

export async function mount({ domElement, name }) {
  root = createRoot(domElement);
  root.render(createElement(Counter, { name }));
}

export async function unmount() {
  root.unmount();
}
