/** Sends what waits on this device for the person whose pages are open, and gives the caches what came of it. */

import type { Local, PatchRow } from '@portico/local';
import type { Answers } from './answers.ts';
import type { Clock } from './clock.ts';
import type { Person } from './owner.ts';
import { keyOf } from './read.ts';

export interface SendingDeps {
  readonly owner: { current(): Promise<Person | null> };
  /** Opens what is kept for a person. */
  readonly open: (sub: string) => Promise<Local>;
  readonly answers: Answers;
  readonly clock: Clock;
}

/** An answer that was asked for before a command was done has come by then, or never will. */
const SETTLED_MS = 2 * 60_000;

/** What is open, of whom. */
interface Open {
  readonly sub: string;
  readonly local: Promise<Local>;
}

export class Sending {
  #open: Open | null = null;

  constructor(readonly deps: SendingDeps) {}

  /**
   * Sends what is due; with `now`, also what waits after a failure. Resolves to when there is something to do again (ms since
   * 1970), or null. Nothing is sent for somebody who is not there.
   */
  async flush(sub: string, now: boolean): Promise<number | null> {
    if ((await this.deps.owner.current())?.sub !== sub) return null;
    const { outbox } = await this.#local(sub);
    const { nextWake } = await outbox.flush({ now });
    await this.#fold(sub);
    return nextWake;
  }

  /**
   * What waiting and done commands change in this app's reads. A device that gives no database has no commands either; and for
   * somebody who has signed out meanwhile none is opened, which would make it anew.
   */
  async patches(sub: string, read: Parameters<Local['patches']['of']>[1], app: string): Promise<readonly PatchRow[]> {
    try {
      if ((await this.deps.owner.current())?.sub !== sub) return [];
      return await (await this.#local(sub)).patches.of(app, read);
    } catch {
      return [];
    }
  }

  /** Lets go of what is open. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await closed(open);
  }

  /** Writes what done commands have changed into the kept answers, for good. */
  async #fold(sub: string): Promise<void> {
    const person = await this.deps.owner.current();
    if (person?.sub !== sub) return;
    const { patches } = await this.#local(sub);
    const settled = (await patches.confirmed()).filter(({ at }) => at < this.deps.clock.now() - SETTLED_MS);
    if (settled.length === 0) return; // a write would hold up what is being sent
    for (const row of settled) {
      await this.deps.answers.fold(person.hash, row.app, await keyOf(`/api/${row.app}`, row.read), row);
    }
    await patches.remove(settled.map(({ id }) => id));
  }

  /** Ask for the owner right before: what is open by the time of a `close` gets closed. */
  #local(sub: string): Promise<Local> {
    if (this.#open?.sub !== sub) {
      const before = this.#open;
      this.#open = { sub, local: this.deps.open(sub) };
      void closed(before);
    }
    return this.#open.local;
  }
}

async function closed(open: Open | null): Promise<void> {
  (await open?.local.catch(() => null))?.close();
}
