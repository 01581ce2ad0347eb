// An app with a place inside itself for others, which its own query can take away.
const log = (globalThis.nestLog ??= []);

export const bootstrap = [];
export function mount(props) {
  log.push('outer mounts');
  const heading = Object.assign(document.createElement('h1'), { textContent: 'Outer' });
  props.domElement.append(heading);
  show(props);
}
export const update = show;
export function unmount({ domElement }) {
  log.push(`outer unmounts, inside: ${domElement.querySelector('portico-slot')?.textContent ?? 'no slot'}`);
  domElement.replaceChildren();
}

function show({ domElement, portico }) {
  const wanted = portico.url.search !== '?closed';
  const slot = domElement.querySelector('portico-slot');
  if (!wanted) slot?.remove();
  else if (!slot) {
    const element = document.createElement('portico-slot');
    element.setAttribute('name', 'pane');
    domElement.append(element);
  }
}
