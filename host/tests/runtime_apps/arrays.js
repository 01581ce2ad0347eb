// Every life-cycle export is a list, run in order; each step waits for the one before.
const log = (globalThis.arraysLog = []);
const step = (name) => () => new Promise((resolve) => queueMicrotask(() => resolve(log.push(name))));
export const bootstrap = [step('bootstrap 1'), step('bootstrap 2')];
export const mount = [
  step('mount 1'),
  ({ domElement }) => domElement.append(Object.assign(document.createElement('h1'), { textContent: 'Arrays' })),
  step('mount 2'),
];
export const unmount = [step('unmount 1'), step('unmount 2')];
