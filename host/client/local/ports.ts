/** What this package takes from outside: time, chance, network, locks, a channel. */

import type { LocalEvent } from './events.ts';

/** Milliseconds since 1970; may jump. */
export interface Clock {
  now(): number;
}

/** As `Math.random`: 0 ≤ x < 1. */
export type Random = () => number;

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The part of `navigator.locks` that is used (Web Locks API). */
export interface Locks {
  request<T>(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    work: (lock: object | null) => Promise<T>,
  ): Promise<T>;
}

/** A person's channel: what is posted is heard by every listener in every page and the worker, the poster's included. */
export interface Channel {
  post(event: LocalEvent): void;
  /** Returns the function that ends it. */
  listen(listener: (event: LocalEvent) => void): () => void;
  close(): void;
}

/** Where errors go that nobody waits for. */
export type Report = (error: Error) => void;
