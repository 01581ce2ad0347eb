/** Tells a person that the session has ended, with the way back in. */

import { boot, events, signInUrl } from '@portico/sdk';
import { textElement } from './fallback.ts';

/** Starts to listen for 401 answers of APIs; returns the function that stops it. */
export function startSignedOutNotice(): () => void {
  let notice: HTMLElement | undefined;
  const stop = events.on('signed-out', () => {
    notice?.remove();
    notice = document.createElement('div');
    notice.className = 'p-notice';
    notice.role = 'alert';
    const link = textElement('a', boot().user ? 'Sign in again' : 'Sign in');
    link.href = signInUrl();
    notice.append(boot().user ? 'You have been signed out. ' : 'You need to sign in for this. ', link);
    (document.querySelector('main') ?? document.body).prepend(notice);
  });
  return () => {
    stop();
    notice?.remove();
  };
}
