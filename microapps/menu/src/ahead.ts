/**
 * Fetches what a person may open next while nothing else is to be done, so that it is there when the network is not: one at a
 * time, each once, no more than a bound for the life of the page, and nothing for who saves data.
 */

/** What fetching ahead works with. */
export interface AheadDeps {
  readonly fetch: (id: string, signal: AbortSignal) => Promise<unknown>;
  /** Calls when the browser is idle; rejects when `signal` aborts. */
  readonly idle: (signal: AbortSignal) => Promise<void>;
  /** Whether the person, or their connection, wants as little as possible to be fetched. */
  readonly frugal: () => boolean;
  /** How many at most; default 48. */
  readonly most?: number;
}

const MOST = 48;

export class Ahead {
  readonly #deps: AheadDeps;
  readonly #seen = new Set<string>();
  #queue: readonly string[] = [];
  #fetched = 0;
  #work: Promise<void> | null = null;

  constructor(deps: AheadDeps) {
    this.#deps = deps;
  }

  /** It is there already, or somebody asked for it: not to be fetched ahead. */
  known(id: string): void {
    this.#seen.add(id);
  }

  /** Asks for some; what is nearest comes first. Fetching ends with `signal`, and goes on with the next call. */
  want(ids: readonly string[], signal: AbortSignal): void {
    const fresh = ids.filter((id) => !this.#seen.has(id));
    for (const id of fresh) this.#seen.add(id);
    this.#queue = [...fresh, ...this.#queue];
    this.#work ??= this.#run(signal).finally(() => {
      this.#work = null;
    });
  }

  /** Never rejects: what could not be fetched ahead is fetched when it is asked for. A failure ends it: no network, no hurry. */
  async #run(signal: AbortSignal): Promise<void> {
    try {
      while (this.#queue.length && this.#fetched < (this.#deps.most ?? MOST) && !this.#deps.frugal()) {
        await this.#deps.idle(signal);
        const [id, ...rest] = this.#queue;
        if (id === undefined) return;
        this.#queue = rest;
        this.#fetched += 1;
        await this.#deps.fetch(id, signal);
      }
    } catch {
      // The rest of the queue waits for the next call.
    }
  }
}
