// Its mount rejects the first time; later it works.
let tries = 0;
export const bootstrap = () => Promise.resolve();
export async function mount({ domElement }) {
  domElement.append('half done');
  if (++tries === 1) throw new Error('moody: not today');
  domElement.append(Object.assign(document.createElement('h1'), { textContent: `Mounted at try ${tries}` }));
}
export const unmount = ({ domElement }) => domElement.replaceChildren();
