/** Places in lanes. A lane's counter on the server belongs to one generation of it. */

import { LocalError } from './errors.ts';
import type { LaneRow } from './schema.ts';
import type { Tables } from './tables.ts';

/** Leaves room for the generation in the 200 characters that a lane may take on the wire. */
const LONGEST = 190;

/** @throws LocalError `invalid` for a lane that cannot be sent, or that looks like a generation of another. */
export function checkLane(lane: string): void {
  if (lane === '' || encodeURIComponent(lane).length > LONGEST || /~\d+$/.test(lane))
    throw new LocalError('invalid', `not a lane: ${JSON.stringify(lane)}`);
}

/** Takes the lane's next place. */
export async function takePlace(tables: Tables, lane: string, now: number): Promise<number> {
  const row = (await tables.lane(lane)) ?? fresh(lane);
  await tables.putLane({ ...row, next: row.next + 1, usedAt: now });
  return row.next;
}

export async function generationOf(tables: Tables, lane: string | null): Promise<number> {
  return lane === null ? 0 : ((await tables.lane(lane))?.generation ?? 0);
}

/**
 * The server has confirmed the place `seq` of a generation. When the lane was numbered anew meanwhile, the confirmed command left
 * a hole in the new numbers: they are made once more.
 */
export async function confirmPlace(
  tables: Tables,
  lane: string | null,
  seq: number | null,
  generation: number,
  now: number,
): Promise<void> {
  if (lane === null || seq === null) return;
  const row = await tables.lane(lane);
  if (row === undefined) return;
  if (row.generation !== generation) await renumber(tables, lane, now);
  else await tables.putLane({ ...row, acknowledged: Math.max(row.acknowledged, seq), usedAt: now });
}

/** Starts a new generation: what waits in the lane is numbered from 1, in its order, under its old keys. */
export async function renumber(tables: Tables, lane: string, now: number): Promise<void> {
  const row = (await tables.lane(lane)) ?? fresh(lane);
  const waiting = await tables.inLane(lane);
  let seq = 0;
  for (const entry of waiting) await tables.place(entry.key, ++seq);
  await tables.putLane({ lane, generation: row.generation + 1, next: seq + 1, acknowledged: 0, usedAt: now });
}

function fresh(lane: string): LaneRow {
  return { lane, next: 1, generation: 0, acknowledged: 0, usedAt: 0 };
}
