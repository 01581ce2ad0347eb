/** Feature flags: asked for all at once, kept for the tab, asked for again when they may have changed (OFREP 0.1). */

import type { SubscribeOptions } from '@portico/sdk';

/** What a variant's value can be. */
export type FlagValue = boolean | string | number | readonly unknown[] | Readonly<Record<string, unknown>>;

/** One evaluated flag. `reason` is OFREP's: `TARGETING_MATCH`, `SPLIT`, `DEFAULT`, `STATIC` or `DISABLED`. */
export interface FlagDetails {
  readonly key: string;
  readonly value: FlagValue;
  readonly variant: string;
  readonly reason: string;
}

/** What the flags need of the world. */
export interface FlagPorts {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly store: () => Pick<Storage, 'getItem' | 'setItem'>;
  /** Where this person's flags are kept. */
  readonly key: () => string;
  readonly report: (reason: unknown) => void;
}

interface Known {
  readonly etag: string | null;
  readonly flags: readonly FlagDetails[];
}

const ADDRESS = '/ofrep/v1/evaluate/flags';

/** The flags of one person. `value` never waits: it answers what is known, or the fallback. */
export class Flags {
  readonly #listeners = new Set<() => void>();
  #known: Known | undefined;
  #asked: Promise<void> | undefined;

  constructor(readonly ports: FlagPorts) {}

  /** Resolves when the server has answered once, or could not be reached. Never rejects. */
  ready(): Promise<void> {
    this.#asked ??= this.refresh();
    return this.#asked;
  }

  /** The flag's value for this person; `fallback` when there is no such flag, or it is of another kind. */
  value<T extends FlagValue>(key: string, fallback: T): Widened<T> {
    const value = this.details(key)?.value;
    return (value !== undefined && kind(value) === kind(fallback) ? value : fallback) as Widened<T>;
  }

  /** The whole evaluation, `undefined` when nothing is known of the flag. */
  details(key: string): FlagDetails | undefined {
    void this.ready();
    return this.#now().flags.find((one) => one.key === key);
  }

  /** All that is known of this person's flags; to look at, not to decide by. */
  all(): readonly FlagDetails[] {
    void this.ready();
    return this.#now().flags;
  }

  /** Hears that flags changed, until the returned function is called or `signal` aborts. */
  subscribe(listener: () => void, { signal }: SubscribeOptions = {}): () => void {
    const hear = (): void => listener(); // one listener may be given twice, and ends once each
    if (signal?.aborted) return () => {};
    this.#listeners.add(hear);
    const end = (): void => void this.#listeners.delete(hear);
    signal?.addEventListener('abort', end, { once: true });
    void this.ready();
    return end;
  }

  /** Asks the server anew; what is known stays when it does not answer. */
  async refresh(): Promise<void> {
    try {
      const { etag } = this.#now();
      const headers: Record<string, string> = { 'Content-Type': 'application/json' };
      if (etag) headers['If-None-Match'] = etag;
      const response = await this.ports.fetch(ADDRESS, { method: 'POST', headers, body: '{"context":{}}' });
      if (response.status === 304) return;
      if (!response.ok) throw new Error(`Flags could not be evaluated: ${response.status}`);
      this.#keep({ etag: response.headers.get('ETag'), flags: flagsOf(await response.json()) });
    } catch (reason) {
      this.ports.report(reason);
    }
  }

  #now(): Known {
    this.#known ??= read(this.ports);
    return this.#known;
  }

  #keep(known: Known): void {
    this.#known = known;
    try {
      this.ports.store().setItem(this.ports.key(), JSON.stringify(known));
    } catch {
      // the store is full or forbidden: what is known lasts as long as this page
    }
    for (const hear of [...this.#listeners]) {
      try {
        hear();
      } catch (reason) {
        this.ports.report(reason);
      }
    }
  }
}

/** `false` is given as a boolean, `'a'` as a string: a fallback says the kind, not the only value. */
export type Widened<T> = T extends boolean ? boolean : T extends string ? string : T extends number ? number : T;

function kind(value: FlagValue): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Flags that could not be evaluated carry an `errorCode` and no value. */
function flagsOf(document: unknown): readonly FlagDetails[] {
  const { flags } = (document ?? {}) as { flags?: unknown };
  if (!Array.isArray(flags)) return [];
  return flags.filter((one) => typeof one?.key === 'string' && one.value !== undefined && one.value !== null);
}

function read({ store, key }: FlagPorts): Known {
  try {
    const kept = JSON.parse(store().getItem(key()) ?? '{}') as Known;
    return { etag: typeof kept.etag === 'string' ? kept.etag : null, flags: flagsOf(kept) };
  } catch {
    return { etag: null, flags: [] };
  }
}
