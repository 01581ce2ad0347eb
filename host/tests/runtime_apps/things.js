// An app with two routes, styles, a module beside it, and an `update`.
import { defineApp } from '@portico/sdk';
import { say } from './words.js';

let mounts = 0;

function show({ domElement, portico }) {
  const id = portico.params.id ?? 'none';
  domElement.querySelector('h1').textContent = say(id);
  domElement.querySelector('output').textContent = `query ${portico.url.search || 'empty'}, mounts ${mounts}`;
}

export const { bootstrap, mount, unmount, update } = defineApp({
  mount(props) {
    mounts++;
    const heading = document.createElement('h1');
    heading.className = 'things-heading';
    const start = Object.assign(document.createElement('a'), { href: '/', textContent: 'Back to start' });
    const other = Object.assign(document.createElement('a'), {
      href: '/things/9?page=2',
      textContent: 'Another thing',
    });
    const page = Object.assign(document.createElement('a'), { href: '?page=3', textContent: 'Page 3' });
    props.domElement.append(heading, document.createElement('output'), start, other, page);
    show(props);
  },
  update: show,
});
