/** Tells a person that the session has ended, with the way back in. */

import { boot, signInUrl } from '@portico/sdk';
import { textElement } from './fallback.ts';
import { said } from './words.ts';

let notice: HTMLElement | undefined;

/** Shows the notice, once. */
export function showSignedOut(): void {
  const { user } = boot();
  notice?.remove();
  notice = document.createElement('div');
  notice.className = 'p-notice';
  notice.role = 'alert';
  const link = textElement('a', said(user ? 'Sign in again' : 'Sign in'));
  link.href = signInUrl();
  const why = said(user ? 'You have been signed out.' : 'You need to sign in for this.');
  notice.append(`${why} `, link);
  (document.querySelector('main') ?? document.body).prepend(notice);
}
