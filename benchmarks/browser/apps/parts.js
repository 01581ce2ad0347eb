// What the three apps have in common; bundled into each.

/** Where to draw: each contestant has its own way of saying it. */
export function rootOf({ domElement, container, name }) {
  return domElement ?? container?.querySelector('[data-root]') ?? document.getElementById(`single-spa-application:${name}`);
}

export function begin(root, title) {
  root.replaceChildren(Object.assign(document.createElement('h1'), { textContent: title }));
  return root;
}

export function navigation() {
  const nav = document.createElement('nav');
  for (const name of ['list', 'detail', 'form']) {
    nav.append(Object.assign(document.createElement('a'), { href: `/${name}`, textContent: name }), ' ');
  }
  return nav;
}

/** Tells the measuring script that the view is in the page. */
export function end(name) {
  dispatchEvent(new CustomEvent('bench-mounted', { detail: name }));
}
