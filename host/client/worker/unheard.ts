/** Old data that pages were shown before they listened: what tells of it starts later than the apps that read it. */

import type { Seen } from './reads.ts';

/** So many pages are remembered: those that were closed, or that listen for long, are given up, the oldest first. */
const PAGES = 32;

/** In memory: a page says hello within seconds of its first read. */
export class Unheard {
  /** For each page what it has not heard, by read; nothing of one that listens. */
  readonly #pages = new Map<string, Map<string, Seen> | null>();

  /** Keeps what a page is told while it does not listen; a fresh answer makes up for an old one. */
  keep(page: string, seen: Seen): void {
    const reads = this.#pages.has(page) ? this.#pages.get(page) : new Map<string, Seen>();
    if (!reads) return;
    const read = `${seen.app} ${seen.url}`;
    if (seen.stale === null) reads.delete(read);
    else reads.set(read, seen);
    this.#remember(page, reads);
  }

  /** What the page has not heard, once; from now on it listens. */
  heardBy(page: string): readonly Seen[] {
    const reads = this.#pages.get(page);
    this.#remember(page, null);
    return [...(reads?.values() ?? [])];
  }

  #remember(page: string, reads: Map<string, Seen> | null): void {
    this.#pages.delete(page);
    this.#pages.set(page, reads);
    for (const oldest of [...this.#pages.keys()].slice(0, -PAGES)) this.#pages.delete(oldest);
  }
}
