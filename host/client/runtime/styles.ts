/** Style sheets of an app: in the page while the app is, checked against their digests. */

import type { Style } from '@portico/sdk';

/** A style sheet in the page. */
export interface Sheet {
  readonly link: HTMLLinkElement;
  /** Resolves when it applies; rejects when it did not load or has other bytes than it should. */
  readonly loaded: Promise<unknown>;
}

/**
 * Puts a style sheet into the page. One that the host rendered for its first view is taken over; with a `suffix` to the
 * address the server is asked anew.
 */
export function addSheet({ href, integrity }: Style, suffix: string): Sheet {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]');
  const rendered = [...links].find((link) => link.getAttribute('href') === href && link.sheet);
  if (rendered) return { link: rendered, loaded: Promise.resolve() };
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: href + suffix, integrity });
  const loaded = new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => reject(new Error(`${href} did not load, or is not what it should be`));
  });
  document.head.append(link);
  return { link, loaded };
}
