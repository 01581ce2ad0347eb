// Calls its BFF and shows how that went.
import { defineApp, ProblemError, SignedOutError } from '@portico/sdk';

export const { bootstrap, mount, unmount } = defineApp({
  mount({ domElement, portico }) {
    const outcome = document.createElement('output');
    outcome.ariaLabel = 'Outcome';
    const call = Object.assign(document.createElement('button'), { textContent: 'Call' });
    call.addEventListener('click', async () => {
      try {
        outcome.textContent = JSON.stringify(await portico.api.command('/do', { what: 'this' }));
      } catch (error) {
        outcome.textContent = `${error.name} ${error instanceof SignedOutError} ${error instanceof ProblemError} ${error.message}`;
      }
    });
    const reject = Object.assign(document.createElement('button'), { textContent: 'Reject' });
    reject.addEventListener('click', () => void Promise.reject(new Error('nobody caught this')));
    domElement.append(Object.assign(document.createElement('h1'), { textContent: 'Caller' }), call, reject, outcome);
  },
});
