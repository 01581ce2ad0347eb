/** The port through which the page reads audits. */
import type { EntryPage, Place } from './model.ts';

export interface Audits {
  /** Where audits are kept that this person may read. */
  places(signal: AbortSignal): Promise<readonly Place[]>;
  /** A page of one of them, newest first; null where none is kept. Rejects when it cannot be had. */
  read(
    place: Place,
    query: Readonly<Record<string, string>>,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<EntryPage | null>;
}
