/** Kept answers: stored with the time they are of, found while they are young enough, never more than a rule allows. */

import { type PatchRow, patched } from '@portico/local';
import type { Clock } from './clock.ts';
import type { KeptApp } from './contents.ts';
import { holdsReads, readsOf } from './names.ts';
import { isOf, type Read } from './read.ts';
import type { Room } from './room.ts';
import type { Shelves } from './shelves.ts';

/** The time an answer was asked for (RFC 3339, UTC): what is on it is at least that new. */
export const AS_OF = 'Portico-As-Of';
/** Headers that were about the bytes on the wire, or about this one request. */
const OF_THE_WIRE = ['Content-Encoding', 'Content-Length', 'Portico-Receipt', 'Transfer-Encoding', 'Vary'];

/** A kept answer. `asOf` is milliseconds since 1970. */
export interface Kept {
  readonly response: Response;
  readonly asOf: number;
}

export class Answers {
  constructor(
    readonly shelves: Shelves,
    readonly room: Room,
    readonly clock: Clock,
  ) {}

  /** The kept answer to a read of this person's; undefined without one, or when it is older than the rule allows. */
  async find(person: string, read: Read): Promise<Kept | undefined> {
    const response = await (await this.shelves.open(readsOf(person, read.app))).get(read.key);
    if (!response) return undefined;
    const asOf = timeOf(response);
    // A time to come is of a clock that was wrong: nobody can say how old the answer is.
    const age = this.clock.now() - asOf;
    return age >= -FUTURE_MS && age <= read.rule.maxAgeS * 1000 ? { response, asOf } : undefined;
  }

  /** Keeps an answer that was asked for at `asOf`, unless a newer one is there. False: there was no room. */
  async keep(person: string, read: Read, app: KeptApp, response: Response, asOf: number): Promise<boolean> {
    const shelf = await this.shelves.open(readsOf(person, read.app));
    const there = await shelf.get(read.key);
    if (there && timeOf(there) > asOf && timeOf(there) <= this.clock.now()) return true;
    const stored = await this.room.make(() => shelf.put(read.key, storable(response.clone(), asOf)));
    const own = (await shelf.keys()).filter((key) => isOf(read.rule, app.bff, key));
    for (const key of own.slice(0, Math.max(0, own.length - read.rule.maxEntries))) await shelf.delete(key);
    return stored;
  }

  /** Writes a done command's patch into the answer under this key, if it is of before. */
  async fold(person: string, app: string, key: string, row: PatchRow): Promise<void> {
    const shelf = await this.shelves.open(readsOf(person, app));
    const found = await shelf.get(key);
    if (!found || timeOf(found) >= row.at) return;
    const { body } = patched(await found.json(), [row], timeOf(found));
    await this.room.make(() => shelf.put(key, new Response(JSON.stringify(body), { headers: found.headers })));
  }

  async forget(person: string, read: Read): Promise<void> {
    await (await this.shelves.open(readsOf(person, read.app))).delete(read.key);
  }

  /** Drops the kept answers of a person; without one, of everybody; with `except`, not of that one. */
  async drop({ person, except }: { person?: string; except?: string } = {}): Promise<void> {
    for (const name of await this.shelves.names()) {
      if (!holdsReads(name, person) || (except !== undefined && holdsReads(name, except))) continue;
      await this.shelves.drop(name);
    }
  }
}

/** How far a clock may have been set back before an answer counts as being from the future. */
const FUTURE_MS = 60_000;

function timeOf(response: Response): number {
  const time = Date.parse(response.headers.get(AS_OF) ?? '');
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

function storable(response: Response, asOf: number): Response {
  const headers = new Headers(response.headers);
  for (const name of OF_THE_WIRE) headers.delete(name);
  headers.set(AS_OF, new Date(asOf).toISOString());
  return new Response(response.body, { status: response.status, headers });
}
