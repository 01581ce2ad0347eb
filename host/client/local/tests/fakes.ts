/** Time, locks and channels in memory, and a life that can end at any await. */

import type { Channel, Clock, LocalEvent, Locks, Random } from '../public.ts';

/** A clock that moves a little with every look, and otherwise as it is told. */
export class ManualClock implements Clock {
  constructor(public time = Date.UTC(2026, 0, 5)) {}

  now(): number {
    return this.time++;
  }

  advance(ms: number): void {
    this.time += ms;
  }
}

/** Mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Waiter {
  readonly owner: object;
  readonly grant: () => void;
}

/** Web Locks of one origin; each owner (a page, the worker) sees them through `of`, and loses its locks when it dies. */
export class LockManagerFake {
  readonly #held = new Map<string, object>();
  readonly #waiting = new Map<string, Waiter[]>();

  of(owner: object): Locks {
    return { request: (name, options, work) => this.#request(owner, name, options, work) };
  }

  die(owner: object): void {
    for (const [name, waiters] of this.#waiting) {
      this.#waiting.set(
        name,
        waiters.filter((waiter) => waiter.owner !== owner),
      );
    }
    for (const [name, holder] of this.#held) if (holder === owner) this.#release(name);
  }

  isHeld(name: string): boolean {
    return this.#held.has(name);
  }

  async #request<T>(
    owner: object,
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    work: (lock: object | null) => Promise<T>,
  ): Promise<T> {
    if (options.ifAvailable && options.signal) throw new DOMException('both', 'NotSupportedError');
    if (this.#held.has(name)) {
      if (options.ifAvailable) return work(null);
      await this.#turn(owner, name, options.signal);
    } else this.#held.set(name, owner);
    try {
      return await work({ name });
    } finally {
      if (this.#held.get(name) === owner) this.#release(name);
    }
  }

  #turn(owner: object, name: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { owner, grant: resolve };
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), waiter]);
      signal?.addEventListener('abort', () => {
        this.#waiting.set(name, this.#waiting.get(name)?.filter((other) => other !== waiter) ?? []);
        reject(signal.reason);
      });
    });
  }

  #release(name: string): void {
    const [next, ...rest] = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, rest);
    if (next) {
      this.#held.set(name, next.owner);
      next.grant();
    } else this.#held.delete(name);
  }
}

/** The channels of one person: what one posts, all hear, soon. */
export class ChannelHub {
  readonly heard: LocalEvent[] = [];
  readonly #open = new Set<ChannelFake>();

  open(): ChannelFake {
    const channel = new ChannelFake(this);
    this.#open.add(channel);
    return channel;
  }

  post(event: LocalEvent): void {
    this.heard.push(structuredClone(event));
    for (const channel of this.#open) queueMicrotask(() => channel.hear(event));
  }

  drop(channel: ChannelFake): void {
    this.#open.delete(channel);
  }
}

export class ChannelFake implements Channel {
  readonly #listeners = new Set<(event: LocalEvent) => void>();

  constructor(private readonly hub: ChannelHub) {}

  post(event: LocalEvent): void {
    this.hub.post(event);
  }

  listen(listener: (event: LocalEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.hub.drop(this);
  }

  hear(event: LocalEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Ends at one of the awaits that pass through `gate`: before the work, or after it and before anybody learns of it. */
export class Life {
  readonly ended: Promise<void>;
  #end: () => void = () => {};
  #dead = false;
  #left: { gates: number; after: boolean } | null = null;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** Dies at the n-th gate from now. */
  dieAt(gates: number, after: boolean): void {
    this.#left = { gates, after };
  }

  die(): void {
    this.#dead = true;
    this.#end();
  }

  async gate<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) return never();
    const last = this.#left !== null && this.#left.gates-- <= 0;
    if (last && !this.#left?.after) {
      this.die();
      return never();
    }
    const result = await work();
    if (last) this.die();
    return this.#dead ? never() : result;
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => {});
}
