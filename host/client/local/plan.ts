/** Which entries can be sent, and when the next one can. */

import type { Listed } from './reading.ts';

/** A lane, or a single entry without a place in one. */
export type Target = `lane:${string}` | `key:${string}`;

export function targetOf(entry: Pick<Listed, 'key' | 'lane' | 'laneSeq'>): Target {
  return entry.lane === null || entry.laneSeq === null ? `key:${entry.key}` : `lane:${entry.lane}`;
}

/** Whether it waits to be sent at all, and for this person. */
export function isSendable(entry: Listed, sub: string): boolean {
  return entry.readable && entry.sub === sub && (entry.state === 'queued' || entry.state === 'discarding');
}

/** `targets`: whose first entry is due, oldest first. `later`: when the earliest of the others is, ms; null: none waits for time. */
export interface Plan {
  readonly targets: readonly Target[];
  readonly later: number | null;
}

/** What a flush has to do, and when the next one has. */
export function plan(entries: readonly Listed[], sub: string, isDue: (entry: Listed) => boolean): Plan {
  const waiting = heads(entries).filter((entry) => isSendable(entry, sub));
  const due = waiting.filter(isDue).sort((a, b) => a.createdAt - b.createdAt);
  const later = waiting.filter((entry) => !isDue(entry)).map((entry) => entry.nextAt);
  return {
    targets: due.map(targetOf),
    later: later.length > 0 ? later.reduce((a, b) => Math.min(a, b)) : null,
  };
}

/** The first entry of each lane, and every entry without a place in one. */
function heads(entries: readonly Listed[]): Listed[] {
  const first = new Map<Target, Listed>();
  for (const entry of entries) {
    const target = targetOf(entry);
    const found = first.get(target);
    if (found === undefined || (entry.laneSeq ?? 0) < (found.laneSeq ?? 0)) first.set(target, entry);
  }
  return [...first.values()];
}
