// The first view: links to all the others, a field whose text goes into the address, and buttons that break things.
import { defineApp, navigate } from '@portico/sdk';

const link = (href, text, attributes = {}) =>
  Object.assign(document.createElement('a'), { href, textContent: text, ...attributes });

const LINKS = [
  '/',
  '/things/1',
  '/things/2',
  '/late',
  '/slow',
  '/throws',
  '/silent',
  '/tampered',
  '/rejects',
  '/hangs',
  '/unstyled',
  '/arrays',
  '/react',
  '/parcels',
  '/nobody',
  '/no-hooks',
];

function field() {
  const input = Object.assign(document.createElement('input'), { ariaLabel: 'Search' });
  input.addEventListener('input', () => history.replaceState(null, '', `?q=${input.value}`));
  return input;
}

function heading(text) {
  return Object.assign(document.createElement('h1'), { textContent: text });
}

export const { bootstrap, mount, unmount } = defineApp({
  mount({ domElement }) {
    const next = Object.assign(document.createElement('button'), { textContent: 'Next thing' });
    next.addEventListener('click', () => navigate('/things/7'));
    domElement.append(heading('Start'), field(), next);
    for (const href of LINKS) domElement.append(link(href, `to ${href}`), ' ');
    domElement.append(
      link('#below', 'to #below'),
      ' ',
      link('/file.txt', 'to /file.txt', { download: 'file.txt' }),
      ' ',
      link('/things/3', 'to /things/3 (new tab)', { target: '_blank' }),
    );
    const tall = document.createElement('div');
    tall.style.height = '3000px';
    domElement.append(
      tall,
      link('/things/5', 'to /things/5'),
      Object.assign(document.createElement('p'), { id: 'below', textContent: 'Below' }),
    );
  },
});
