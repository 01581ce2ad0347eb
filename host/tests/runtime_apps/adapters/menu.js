// Stands on every page, with links to all the others.
const PLACES = [
  'react',
  'vue',
  'svelte',
  'element',
  'parcels',
  'nested',
  'broken-react',
  'broken-vue',
  'broken-svelte',
];

export const bootstrap = async () => {};
export const mount = async ({ domElement }) => {
  const menu = document.createElement('nav');
  for (const place of ['', ...PLACES]) {
    menu.append(Object.assign(document.createElement('a'), { href: `/${place}`, textContent: place || 'home' }), ' ');
  }
  domElement.append(menu);
};
export const unmount = async ({ domElement }) => domElement.replaceChildren();
