/** Commands of this person that are saved on this device and not done yet, as far as they are checkout's. */
import type { OrderRequest } from './model.ts';
import { Observable } from './observable.ts';

export interface Kept {
  /** The command's key; of an order, also its id. */
  readonly key: string;
  /** What it does, in the person's words. */
  readonly describe: string;
  /** `sending` goes by itself; `stuck` holds up everything behind it until the person has decided. */
  readonly state: 'sending' | 'stuck';
  /** Why it is stuck, for the person. */
  readonly why: string;
  /** When it was saved, in milliseconds since 1970. */
  readonly savedAt: number;
  /** What the order asks for; null when it is another command. */
  readonly order: OrderRequest | null;
}

/** The port to what is kept. */
export interface KeptCommands {
  /** Tells what is kept, oldest first: now and after every change. Returns the function that ends it. */
  subscribe(listener: (kept: readonly Kept[]) => void): () => void;
  /** Gives a command up: it is never sent again, and what waits behind it goes on. */
  giveUp(key: string): Promise<void>;
}

/** Before the device has told: an order may be saved here, and nobody knows yet. */
export const UNTOLD: readonly Kept[] = [];

/** What is kept, for as long as the document lives. */
export class KeptStore extends Observable<readonly Kept[]> {
  readonly #commands: KeptCommands;

  constructor(commands: KeptCommands) {
    super(UNTOLD);
    this.#commands = commands;
    commands.subscribe((kept) => this.set(kept));
  }

  giveUp(key: string): Promise<void> {
    return this.#commands.giveUp(key);
  }
}

/** The command that holds up the others; null when all go by themselves. */
export function stuckOf(kept: readonly Kept[]): Kept | null {
  return kept.find(({ state }) => state === 'stuck') ?? null;
}
