// The same apps under single-spa itself, in place of the platform's runtime.
import { addErrorHandler, getAppStatus, navigateToUrl, registerApplication, start } from 'single-spa';
import { allowEmptying } from '../../../client/runtime/emptying.ts';

const { apps } = JSON.parse(document.getElementById('portico-apps').textContent);
const main = document.querySelector('main');

/** An app's element is in the page while the app is, as single-spa-layout does it. */
function rootOf(name) {
  const root = document.createElement('div');
  root.dataset.app = name;
  main.append(root);
  return root;
}

globalThis.failures = [];
addErrorHandler((error) =>
  globalThis.failures.push(`${error.appOrParcelName} ${getAppStatus(error.appOrParcelName)} ${error.message}`),
);
for (const { name, routes } of apps) {
  const domElement = rootOf(name);
  registerApplication({
    name,
    app: () => import(name),
    activeWhen: ({ pathname }) =>
      routes.some(({ path }) => path === '/*' || path === pathname || path === `${pathname}/*?`),
    customProps: (_, { pathname }) => ({ domElement, portico: { path: pathname } }),
  });
}
document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link) return;
  event.preventDefault();
  navigateToUrl(link.href);
});
start();
allowEmptying();
