/** Messages from one app to another that neither has to know: versioned names, kept until somebody has taken them. */

import { idempotencyKey } from './idempotency.ts';
import { user } from './person.ts';

declare global {
  /** What this app publishes, by message: filled in by `portico types` from its schemas. */
  interface PorticoPublishes {}
  /** What this app takes. */
  interface PorticoConsumes {}
}

/** A message's name and the version of its data's shape: `thing.happened/1`. */
export type MessageName = `${string}/${number}`;

/** The names in a list of declared messages; any, where none is declared. */
export type NamesIn<Declared> = keyof Declared extends never ? MessageName : keyof Declared & MessageName;

/** The data of a declared message. */
export type DataIn<Declared, Name> = Name extends keyof Declared ? Declared[Name] : unknown;

/** What a subscriber gets. It comes from another team's code, so its data is to be checked before it is used. */
export interface Message<Data = unknown> {
  /** The same on every delivery of this message, so that a subscriber can tell that it has seen it. */
  readonly id: string;
  readonly name: MessageName;
  readonly data: Data;
}

/** Takes a message. A message counts as taken when this returns or resolves; when it fails, the message is kept. */
export type TakeMessage<Data = unknown> = (message: Message<Data>) => unknown;

/** As much of `Storage` as is needed. */
export type MessageStore = Pick<Storage, 'getItem' | 'setItem'>;

/**
 * Delivers every message at least once to a subscriber of its name, across page loads of the same tab: what nobody has
 * taken is in `store` under `key`. The first published goes first; one that fails waits for the next
 * `publish` or `subscribe`, and holds up no other.
 */
export class Messages {
  readonly #subscribers = new Map<MessageName, Set<TakeMessage>>();
  readonly #underWay = new Set<string>();
  #kept: readonly Message[] | undefined;

  constructor(
    readonly store: () => MessageStore,
    readonly key: () => string,
    readonly report: (reason: unknown) => void,
  ) {}

  /** Publishes `data`, which must survive JSON, and returns the message's id. */
  publish<Name extends NamesIn<PorticoPublishes>>(name: Name, data: DataIn<PorticoPublishes, Name>): string {
    const message = { id: idempotencyKey(), name, data };
    this.#keep([...this.#waiting(), message]);
    this.#deliver();
    return message.id;
  }

  /** Takes every message of `name`, those that wait first. Ends when the returned function is called or `signal` aborts. */
  subscribe<Name extends NamesIn<PorticoConsumes>>(
    name: Name,
    take: TakeMessage<DataIn<PorticoConsumes, Name>>,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): () => void {
    const own = this.#subscribers.get(name) ?? new Set();
    this.#subscribers.set(name, own.add(take as TakeMessage));
    const end = (): void => void own.delete(take as TakeMessage);
    signal?.addEventListener('abort', end, { once: true });
    this.#deliver();
    return end;
  }

  #deliver(): void {
    for (const message of this.#waiting()) {
      const subscribers = this.#subscribers.get(message.name);
      if (subscribers?.size && !this.#underWay.has(message.id)) void this.#hand(message, [...subscribers]);
    }
  }

  async #hand(message: Message, subscribers: readonly TakeMessage[]): Promise<void> {
    this.#underWay.add(message.id);
    const results = await Promise.allSettled(subscribers.map(async (take) => take(message)));
    this.#underWay.delete(message.id);
    if (results.some(({ status }) => status === 'fulfilled'))
      this.#keep(this.#waiting().filter(({ id }) => id !== message.id));
    for (const result of results) if (result.status === 'rejected') this.report(result.reason);
  }

  #waiting(): readonly Message[] {
    this.#kept ??= read(this.store().getItem(this.key()));
    return this.#kept;
  }

  #keep(messages: readonly Message[]): void {
    this.#kept = messages;
    try {
      this.store().setItem(this.key(), JSON.stringify(messages));
    } catch (reason) {
      this.report(reason); // the store is full or forbidden: what is kept lasts as long as this page
    }
  }
}

function read(text: string | null): readonly Message[] {
  try {
    const kept: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** The page's messages. They belong to the person: somebody else who signs in at this tab never gets them. */
export const messages: Messages = new Messages(
  () => sessionStorage,
  () => `portico.messages:${user()?.sub ?? ''}`,
  (reason) => reportError(reason),
);
