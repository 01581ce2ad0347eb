// Where one starts.
import { recorded } from './recorded.js';

export const { bootstrap, mount, unmount } = recorded({
  bootstrap: async () => {},
  mount: async ({ domElement }) => {
    domElement.append(Object.assign(document.createElement('h1'), { textContent: 'Home' }));
  },
  unmount: async ({ domElement }) => domElement.replaceChildren(),
});
