/** What a page does with the worker, no more: registers it, greets it, and hears it. */

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
