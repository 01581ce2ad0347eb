// Throws at import until the page is mended; as does the module beside it, so that both must be evaluated anew.
import { defineApp } from '@portico/sdk';
import { helped } from './help.js';

if (!globalThis.mended) throw new Error('fragile: not mended');

export const { bootstrap, mount, unmount } = defineApp({
  mount: ({ domElement }) => domElement.append(Object.assign(document.createElement('h1'), { textContent: helped })),
});
