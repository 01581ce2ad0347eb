/** Several audits as one, newest first, read page by page as far as they are looked at. */
import type { Audits } from './audits.ts';
import type { Found, Place } from './model.ts';

interface Source {
  readonly place: Place;
  readonly waiting: Found[];
  cursor: string | null;
  ended: boolean;
}

export class MergedAudits {
  readonly #audits: Audits;
  readonly #query: Readonly<Record<string, string>>;
  readonly #sources: readonly Source[];
  readonly #failed: string[] = [];

  constructor(audits: Audits, places: readonly Place[], query: Readonly<Record<string, string>>) {
    this.#audits = audits;
    this.#query = query;
    this.#sources = places.map((place) => ({ place, waiting: [], cursor: null, ended: false }));
  }

  /** Whether there may be more. */
  get ended(): boolean {
    return this.#sources.every(({ ended, waiting }) => ended && waiting.length === 0);
  }

  /** The places that could not be asked, so that nobody takes what is shown for everything. */
  get failed(): readonly string[] {
    return this.#failed;
  }

  /** The next entries, at most `count`. What has been told once is not told again. */
  async next(count: number, signal: AbortSignal): Promise<readonly Found[]> {
    const found: Found[] = [];
    while (found.length < count) {
      // The newest of all is known only while every audit that goes on has one to compare.
      await Promise.all(this.#sources.map((source) => this.#fill(source, signal)));
      const newest = this.#newest();
      if (!newest) break;
      const entry = newest.waiting.shift();
      if (entry) found.push(entry);
    }
    return found;
  }

  #newest(): Source | undefined {
    let newest: Source | undefined;
    for (const source of this.#sources) {
      const [head] = source.waiting;
      if (head && (!newest?.waiting[0] || head.at > newest.waiting[0].at)) newest = source;
    }
    return newest;
  }

  async #fill(source: Source, signal: AbortSignal): Promise<void> {
    if (source.waiting.length > 0 || source.ended) return;
    const { place } = source;
    try {
      const page = await this.#audits.read(place, this.#query, source.cursor, signal);
      source.waiting.push(...(page?.items ?? []).map((entry) => ({ ...entry, place: place.name })));
      source.cursor = page?.nextCursor ?? null;
      source.ended = source.cursor === null;
    } catch (error) {
      if (signal.aborted) throw error;
      source.ended = true;
      this.#failed.push(place.name);
    }
  }
}
