// The first view: fifty things, each a link. The same bytes under every contestant.
import { begin, end, navigation, rootOf } from './parts.js';

const THINGS = Array.from({ length: 50 }, (_, n) => ({ title: `Thing ${n + 1}`, state: n % 3 ? 'ready' : 'waiting' }));

export const bootstrap = async () => {};

export const mount = async (props) => {
  const root = begin(rootOf(props), 'Things');
  const list = document.createElement('ul');
  for (const { title, state } of THINGS) {
    const item = document.createElement('li');
    const link = Object.assign(document.createElement('a'), { href: '/detail', textContent: title });
    item.append(link, ` (${state})`);
    list.append(item);
  }
  root.append(navigation(), list);
  end('list');
};

export const unmount = async (props) => rootOf(props).replaceChildren();
