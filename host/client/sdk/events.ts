/** What the platform tells about: a small typed event bus, one per page. */

import type { AppState, Phase } from './app.ts';

/** The events and what each carries. */
export interface PlatformEvents {
  /** An app went from one state to another in the slot that it fills. */
  state: { readonly app: string; readonly slot: string; readonly from: AppState; readonly to: AppState };
  /** An app failed; its slot shows a fallback and every other app goes on. */
  failure: { readonly app: string; readonly slot: string; readonly phase: Phase; readonly error: unknown };
  /** A navigation inside the page is done and its view is on screen. */
  navigate: NavigateDetail;
  /** A BFF answered 401: the person is not, or no longer, signed in. */
  'signed-out': { readonly app: string };
  /** The live channel, or a flag, is not as it was; `revision` is the channel's, which is the same when it was a flag. */
  'channel-changed': { readonly revision: number };
}

/** Where a navigation went. */
export interface NavigateDetail {
  /** The path, without query and fragment. */
  readonly path: string;
  readonly url: URL;
  /** The app (`@team/app`) that fills the page's own slot. */
  readonly app: string;
  /** The values of the route's named groups. */
  readonly params: Params;
}

/** The values of a route's named groups, decoded. */
export type Params = Readonly<Record<string, string>>;

/** How to end a subscription from outside. */
export interface SubscribeOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Typed publish and subscribe. A listener that throws is reported and stops no other. */
export class Events<Map extends object> {
  readonly #target = new EventTarget();

  /** Hears `type` until the returned function is called or `signal` aborts. */
  on<Type extends keyof Map & string>(
    type: Type,
    listener: (detail: Map[Type]) => void,
    { signal }: SubscribeOptions = {},
  ): () => void {
    const hear = (event: Event): void => listener((event as CustomEvent<Map[Type]>).detail);
    this.#target.addEventListener(type, hear, signal ? { signal } : {});
    return () => this.#target.removeEventListener(type, hear);
  }

  /** Tells every listener of `type`. */
  emit<Type extends keyof Map & string>(type: Type, detail: Map[Type]): void {
    this.#target.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The page's events: written by the runtime and the sdk, heard by anyone. */
export const events: Events<PlatformEvents> = new Events<PlatformEvents>();
