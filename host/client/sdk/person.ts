/** Who is in front of the page. The server decides what they may do; this is for what to show. */

import { boot, type User } from './boot.ts';

/** The signed-in person, or `null`. */
export function user(): User | null {
  return boot().user;
}

/** Whether the signed-in person has a role. */
export function can(role: string): boolean {
  return user()?.roles.includes(role) ?? false;
}

/** The address that signs in and comes back to `returnTo`, by default the present page. */
export function signInUrl(returnTo: string = location.pathname + location.search + location.hash): string {
  return `${boot().urls.signIn}?return_to=${encodeURIComponent(returnTo)}`;
}

/** Leaves the page to sign in, and comes back to `returnTo`, by default the present page. */
export function signIn(returnTo?: string): void {
  location.assign(signInUrl(returnTo));
}

/** Signs out and ends at `/`. A form post, so that no link or image on another site can do it. */
export function signOut(): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = boot().urls.signOut;
  document.body.append(form);
  form.requestSubmit(); // unlike `submit()`, this is an event: what waits to be sent is not lost without a question
}
