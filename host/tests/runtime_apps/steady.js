// An app with nothing to it; what goes wrong with it is the server's doing.
export const bootstrap = [];
export const mount = async ({ domElement, name }) => {
  domElement.append(Object.assign(document.createElement('h1'), { textContent: `Steady ${name}` }));
};
export const unmount = async ({ domElement }) => domElement.replaceChildren();
