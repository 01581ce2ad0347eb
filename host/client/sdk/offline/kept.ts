/** Opens what is kept on this device for one person, and finds out whether the browser lets it. */

import { type Frame, type Local, openLocal } from '@portico/local';

/** What is kept for one person, open. */
export interface Kept extends Local {
  /** Stored frames by id, in the order asked for; those that are gone are left out. */
  readonly frames: (ids: readonly string[]) => Promise<Frame[]>;
}

/** Opens it, or rejects when this browser keeps nothing (blocked storage, no room, no locks). */
export async function openKept(sub: string, person: () => string | null): Promise<Kept> {
  const local = await openLocal(sub, { person, report: reportError });
  try {
    await local.outbox.entries();
  } catch (error) {
    local.close();
    throw error;
  }
  const frames = (ids: readonly string[]): Promise<Frame[]> =>
    local.db.transact({ mode: 'readonly', stores: ['frames'] }, async (tables) => {
      const found = await Promise.all(ids.map((id) => tables.frame(id)));
      return found.filter((frame) => frame !== undefined);
    });
  return { ...local, frames };
}
