// Its mount waits for `finishSlow()`, and tells when it was aborted, finished and unmounted.
const log = (globalThis.slowLog = []);
export const bootstrap = () => {};
export const mount = ({ domElement, portico }) => {
  log.push('mount');
  domElement.append('slow is coming');
  portico.signal.addEventListener('abort', () => log.push('aborted'));
  return new Promise((resolve) => {
    globalThis.finishSlow = () => {
      domElement.replaceChildren(Object.assign(document.createElement('h1'), { textContent: 'Slow' }));
      log.push('finished');
      resolve();
    };
  });
};
export const unmount = () => void log.push('unmount');
