// The second view: one thing, described at length, with a table.
import { begin, end, navigation, rootOf } from './parts.js';

const ROWS = Array.from({ length: 20 }, (_, n) => [`Property ${n + 1}`, `Value ${n * 7}`]);
const TEXT = 'A thing is what it is, for as long as it is; nobody has found out more about it. '.repeat(12);

export const bootstrap = async () => {};

export const mount = async (props) => {
  const root = begin(rootOf(props), 'One thing');
  const table = document.createElement('table');
  for (const [name, value] of ROWS) {
    const row = table.insertRow();
    row.insertCell().textContent = name;
    row.insertCell().textContent = value;
  }
  root.append(navigation(), Object.assign(document.createElement('p'), { textContent: TEXT }), table);
  end('detail');
};

export const unmount = async (props) => rootOf(props).replaceChildren();
