// Its style sheet wants the whole page.
import { defineApp } from '@portico/sdk';

export const { bootstrap, mount, unmount } = defineApp({
  mount({ domElement }) {
    const heading = Object.assign(document.createElement('h1'), { textContent: 'Rude' });
    const button = Object.assign(document.createElement('button'), { textContent: 'Rude button' });
    const box = Object.assign(document.createElement('div'), { className: 'pictured', textContent: 'Pictured' });
    domElement.append(heading, button, box);
  },
});
