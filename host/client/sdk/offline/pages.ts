/** What pages of this browser tell each other, of any person: who came, who left, how the live connection is. */

import type { LiveState } from './connection.ts';

export type PageMessage =
  /** A page was opened for a person, or for nobody. */
  | { readonly kind: 'opened'; readonly sub: string | null }
  /** A person is signing out: what is kept for them is deleted. */
  | { readonly kind: 'leaving'; readonly sub: string }
  /** The live channel has another revision; whoever is signed in. */
  | { readonly kind: 'channel'; readonly revision: number }
  /** What the page that holds the live connection knows of it. */
  | { readonly kind: 'live'; readonly sub: string; readonly state: LiveState };

/** The channel `portico-pages`; a page does not hear itself. */
export class Pages {
  readonly #channel = new BroadcastChannel('portico-pages');

  tell(message: PageMessage): void {
    this.#channel.postMessage(message);
  }

  hear(listener: (message: PageMessage) => void, signal: AbortSignal): void {
    this.#channel.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => listener(data), { signal });
  }

  close(): void {
    this.#channel.close();
  }
}
