/** What pages ask of the worker. */

import { never, readToWorker, type ToPage, type ToWorker, toPage } from '@portico/local';
import type { Answers } from './answers.ts';
import type { Clock } from './clock.ts';
import type { Contents } from './contents.ts';
import { NOBODY } from './names.ts';
import type { Owner, Person } from './owner.ts';
import type { Pages } from './pages.ts';
import type { Precache } from './precache.ts';
import type { Room } from './room.ts';

/** The page that asks. */
export interface Asking {
  readonly id: string;
  post(message: ToPage): void;
}

export interface MessagesDeps {
  readonly owner: Owner;
  readonly pages: Pages;
  readonly precache: Precache;
  readonly answers: Answers;
  readonly room: Room;
  readonly clock: Clock;
  /** What a page was told before it listened; it does so from now on. */
  readonly missed: (page: string) => readonly ToPage[];
  readonly flush: (sub: string, now: boolean) => Promise<unknown>;
  /** Asks for what an app has named without a pattern, so that it is kept before anybody has asked. */
  readonly warm: (contents: Contents) => Promise<void>;
  /** Lets go of the databases that are open. */
  readonly release: () => Promise<void>;
  /** Deletes a person's database; with `keepOutbox` what waits to be sent stays. */
  readonly wipe: (sub: string, options: { keepOutbox: boolean }) => Promise<void>;
  /** Deletes from the databases of everybody else all but what waits to be sent. */
  readonly wipeOthers: (sub: string) => Promise<void>;
  /** Lets this worker take over from the active one, when nothing speaks against it. */
  readonly activate: () => Promise<boolean>;
}

/** How long a listing is taken to be current, when pages say nothing else. */
const CURRENT_MS = 10 * 60_000;

type Hello = Extract<ToWorker, { kind: 'hello' }>;

export class Messages {
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(readonly deps: MessagesDeps) {}

  /** Does what a message asks for; what cannot be read is left. */
  async take(data: unknown, page: Asking): Promise<void> {
    const message = readToWorker(data);
    if (message === null) return;
    switch (message.kind) {
      case 'hello':
        return this.#hello(message, page);
      case 'flush':
        await this.deps.flush(message.sub, message.now ?? false);
        return page.post(toPage({ kind: 'flushed', sub: message.sub }));
      case 'forget':
        await this.#forget(message.sub, message.keepOutbox);
        return page.post(toPage({ kind: 'forgotten', sub: message.sub }));
      case 'activate':
        await this.deps.activate();
        return;
      case 'precache':
        await this.#refresh();
        return;
      default:
        return never(message);
    }
  }

  async #hello({ revision, sub, version }: Hello, page: Asking): Promise<void> {
    const { owner, pages, precache, room } = this.deps;
    for (const told of this.deps.missed(page.id)) page.post(told);
    await pages.heard(page.id, version);
    const person = await owner.become(sub);
    if (person) await this.#dropOthers(person);
    const kept = await precache.contents(person?.hash ?? NOBODY);
    if (kept?.revision !== revision || this.#refreshedAt + CURRENT_MS < this.deps.clock.now()) await this.#refresh();
    const now = await precache.contents(person?.hash ?? NOBODY);
    if (now && !kept) await this.deps.warm(now);
    if (now && now.revision > revision) page.post(toPage({ kind: 'updated', revision: now.revision }));
    if (now) page.post(toPage({ kind: 'ready' }));
    await room.relieve();
  }

  /** Whoever signs in finds nothing of who was there before, also when they never signed out; what waits is kept, unseen. */
  async #dropOthers({ sub, hash }: Person): Promise<void> {
    const { answers, precache, wipeOthers } = this.deps;
    await Promise.all([answers.drop({ except: hash }), wipeOthers(sub)]);
    for (const other of await precache.people()) if (other !== hash) await precache.forget(other);
  }

  async #refresh(): Promise<void> {
    const refreshed = await this.deps.precache.refresh();
    if (refreshed) this.#refreshedAt = this.deps.clock.now();
  }

  async #forget(sub: string, keepOutbox: boolean): Promise<void> {
    const { owner, answers, precache, release, wipe } = this.deps;
    // From here on nothing of theirs is kept, whatever is still on its way.
    if ((await owner.current())?.sub === sub) await owner.become(null);
    await release();
    const hash = await owner.personHash(sub);
    await Promise.all([answers.drop({ person: hash }), precache.forget(hash), wipe(sub, { keepOutbox })]);
  }
}
