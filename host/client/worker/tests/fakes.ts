/** Stores, time and network in memory. */

import type { PatchRow } from '@portico/local';
import { Answers } from '../answers.ts';
import type { Clock } from '../clock.ts';
import type { Contents, ReadRule } from '../contents.ts';
import { Room } from '../room.ts';
import type { Shelf, Shelves } from '../shelves.ts';

/** Shelves that take at most `capacity` responses in all. */
export class MemoryShelves implements Shelves {
  readonly all = new Map<string, Map<string, Response>>();
  capacity = Number.POSITIVE_INFINITY;

  async open(name: string): Promise<Shelf> {
    const inside = (): Map<string, Response> => {
      const there = this.all.get(name) ?? new Map<string, Response>();
      this.all.set(name, there);
      return there;
    };
    inside();
    return {
      get: async (key) => inside().get(key)?.clone(),
      put: async (key, response) => {
        const body = await response.text();
        const stored = new Response(body, { status: response.status, headers: response.headers });
        if (this.size >= this.capacity && !inside().has(key)) throw new DOMException('full', 'QuotaExceededError');
        inside().delete(key);
        inside().set(key, stored);
      },
      delete: async (key) => inside().delete(key),
      keys: async () => [...inside().keys()],
    };
  }

  async names(): Promise<string[]> {
    return [...this.all.keys()];
  }

  async drop(name: string): Promise<boolean> {
    return this.all.delete(name);
  }

  get size(): number {
    return [...this.all.values()].reduce((sum, shelf) => sum + shelf.size, 0);
  }

  /** The keys on a shelf, the first written first; none when it is not there. */
  keys(name: string): string[] {
    return [...(this.all.get(name)?.keys() ?? [])];
  }
}

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/** A clock that stands until it is moved; moving it ends the waits that are over. */
export class ManualClock implements Clock {
  #alarms: Alarm[] = [];

  constructor(public time = Date.UTC(2026, 0, 5)) {}

  now(): number {
    return this.time;
  }

  after(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#alarms.push({ at: this.time + ms, ring: resolve });
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }

  /** Lets everything that is under way settle, then moves. */
  async advance(ms: number): Promise<void> {
    await settled();
    this.time += ms;
    const due = this.#alarms.filter(({ at }) => at <= this.time);
    this.#alarms = this.#alarms.filter(({ at }) => at > this.time);
    for (const { ring } of due) ring();
    await settled();
  }

  /** How long the waits under way are, in milliseconds. */
  get waits(): number[] {
    return this.#alarms.map(({ at }) => at - this.time);
  }
}

/** Resolves when all that can go on without time or network has. */
export async function settled(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let turn = 0; turn < 20; turn++) {
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  }
  port1.close();
}

/** A promise, and what settles it. */
export function open<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let settle: { resolve: (value: T) => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  if (!settle) throw new Error('a promise settles at once');
  return { promise, ...settle };
}

/** Matches as `URLPattern` does for literal text and `*`; Node 20 has none, browsers' own is tested in a browser. */
export class GlobPattern {
  readonly #expression: RegExp;

  constructor({ pathname }: { pathname: string }) {
    const parts = pathname.split('*').map((text) => text.replace(/[.\\+?^${}()|[\]]/g, '\\$&'));
    this.#expression = new RegExp(`^${parts.join('.*')}$`);
  }

  test({ pathname }: { pathname: string }): boolean {
    return this.#expression.test(pathname);
  }
}

/** JSON as the host answers it, with its receipt. */
export function answer(body: unknown, init: { status?: number; headers?: Record<string, string> } = {}): Response {
  const headers = { 'Content-Type': 'application/json', 'Portico-Receipt': '1', ...init.headers };
  return new Response(JSON.stringify(body), { status: init.status ?? 200, headers });
}

export const RULE: ReadRule = {
  path: '/things/*',
  policy: 'network-first',
  timeoutMs: 3000,
  maxAgeS: 3600,
  maxEntries: 3,
};

export const CONTENTS: Contents = {
  revision: 7,
  build: 'b',
  person: 'ada',
  tag: 't7',
  document: '/_portico/document',
  assets: [],
  apps: [{ app: 'notes', bff: '/api/notes', reads: [RULE] }],
};

/** Kept answers on shelves of their own. */
export function answersOn(shelves: MemoryShelves, clock: Clock): Answers {
  return new Answers(shelves, roomOn(shelves), clock);
}

export function roomOn(shelves: MemoryShelves, dropOldFiles = async (): Promise<void> => {}): Room {
  const estimate = async () => ({ usage: shelves.size, quota: shelves.capacity });
  return new Room(shelves, { estimate }, dropOldFiles);
}

/** A patch on the thing's answer, as the outbox stores it. */
export function patch(change: Partial<PatchRow> = {}): PatchRow {
  const read = { path: '/things/1' };
  return { id: 'k/0', key: 'k', app: 'notes', read, merge: { name: 'new' }, state: 'pending', at: 0, ...change };
}
