import { h, type JSX } from 'preact';

/** From when the data are, where they are not fresh; the platform's element. */
export function AsOf(): JSX.Element {
  return h('portico-as-of', { class: 'menu-as-of', app: 'menu' });
}
