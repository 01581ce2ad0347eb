/** Whoever waits for the end of a command: told once, also when the command was edited meanwhile and has another key. */

import type { EntryEvent } from '@portico/local';
import { type CommandResult, endOf } from './result.ts';

/** How many ends are remembered for those who ask late. */
const REMEMBERED = 200;

type Tell = (end: CommandResult<unknown>) => void;

export class Waits {
  readonly #ends = new Map<string, CommandResult<unknown>>();
  readonly #waiting = new Map<string, Tell[]>();
  /** The keys that edited commands have now. */
  readonly #became = new Map<string, string>();

  /** Takes note of an event. `graphql`: the command's answer is read as one of GraphQL. */
  hear(event: EntryEvent, graphql: boolean): void {
    if (event.replaces) this.#follow(event.replaces, event.key);
    if (this.#became.has(event.key)) return; // the one that was edited goes; what it became lives on
    const end = endOf<unknown>(event, graphql);
    this.#ends.delete(event.key); // tried again after a refusal: no longer over
    if (!end) return;
    this.#ends.set(event.key, end);
    const [oldest] = this.#ends.keys();
    if (oldest !== undefined && this.#ends.size > REMEMBERED) this.#ends.delete(oldest);
    const waiting = this.#waiting.get(event.key) ?? [];
    this.#waiting.delete(event.key);
    for (const tell of waiting) tell(end);
  }

  /** The key that a command has now. */
  current(key: string): string {
    const now = this.#became.get(key);
    return now === undefined ? key : this.current(now);
  }

  /** The end, when it is known already. */
  known(key: string): CommandResult<unknown> | undefined {
    return this.#ends.get(this.current(key));
  }

  /** The end, when it comes. */
  next(key: string): Promise<CommandResult<unknown>> {
    const now = this.current(key);
    return new Promise((resolve) => {
      this.#waiting.set(now, [...(this.#waiting.get(now) ?? []), resolve]);
    });
  }

  #follow(old: string, key: string): void {
    const waiting = this.#waiting.get(old);
    this.#waiting.delete(old);
    if (waiting) this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), ...waiting]);
    this.#became.set(old, key);
  }
}
