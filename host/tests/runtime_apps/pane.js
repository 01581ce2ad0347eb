// Stands in a slot of another app.
const log = (globalThis.nestLog ??= []);

export const bootstrap = [];
export function mount({ domElement, name, portico }) {
  log.push(`${name} mounts`);
  domElement.append(Object.assign(document.createElement('h2'), { textContent: `${name} at ${portico.path}` }));
}
export function unmount({ domElement, name }) {
  log.push(`${name} unmounts`);
  domElement.replaceChildren();
}
