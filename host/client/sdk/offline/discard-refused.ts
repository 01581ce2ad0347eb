/** Forgets a command that was refused, because whoever sent it shows what was wrong. */

import { LocalError } from '@portico/local';

/** What it takes of the outbox and of who gets it sent. */
export interface Discarding {
  readonly outbox: { discard(key: string): Promise<'gone' | 'discarding'> };
  readonly flusher: { flush(): void };
}

/** Somebody else, in another tab or in the queue, may have discarded it in the same moment: then it is gone as it should be. */
export async function discardRefused({ outbox, flusher }: Discarding, key: string): Promise<void> {
  try {
    if ((await outbox.discard(key)) === 'discarding') flusher.flush();
  } catch (error) {
    if (!(error instanceof LocalError) || error.code !== 'unknown-key') throw error;
  }
}
