// qiankun as its documentation sets it up: an HTML entry per app, with its sandbox.
import { registerMicroApps, start } from 'qiankun';

const app = (name) => ({ name, entry: `/entries/${name}.html`, container: '#view', activeRule: `/${name}` });

registerMicroApps(['list', 'detail', 'form'].map(app));
start({ prefetch: false });

addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!link) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
});
