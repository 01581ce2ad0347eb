/** In the place of the runtime's later module: registers the worker, greets it, and hears it; nothing else is started. */

import { boot, user } from '@portico/sdk';

const container = navigator.serviceWorker;
const heard = [];
window.portico = {
  heard,
  tell: (message, worker = container.controller) => worker.postMessage({ v: 1, ...message }),
  registration: () => container.getRegistration('/'),
};

const greet = () =>
  container.controller?.postMessage({
    v: 1,
    kind: 'hello',
    revision: boot().revision,
    sub: user()?.sub ?? null,
    version: 1,
  });

container.addEventListener('message', ({ data }) => {
  heard.push(data);
  document.documentElement.dataset.heard = [...new Set(heard.map(({ kind }) => kind))].join(' ');
});
container.addEventListener('controllerchange', greet);
container.startMessages();
greet();
const policy = window.trustedTypes?.createPolicy('portico-worker', { createScriptURL: (url) => url });
container.register(policy?.createScriptURL('/_portico/worker.js') ?? '/_portico/worker.js', { scope: '/' });

export const start = () => () => {};
export const focusView = () => {};
export const announce = () => {};
export const fallback = (title, error) =>
  Object.assign(document.createElement('p'), { role: 'alert', textContent: `${title}: ${error}` });
