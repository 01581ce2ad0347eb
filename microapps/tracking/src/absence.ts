/** Why an order may have no delivery yet: it waits on this device, or the word of it is on its way, or there is none. */

/** What this device knows of the command that places the order; null when nothing waits under that key. */
export type Placing = 'waiting' | 'stuck' | null;

export type Absence =
  /** Saved here, not sent. */
  | 'waiting'
  /** Refused or in conflict: the person has to decide. */
  | 'stuck'
  /** Sent a moment ago; the word of it goes from service to service. */
  | 'on-its-way'
  | 'unknown';

/** For how long after an order was placed its absence is nothing to wonder at. */
const GRACE_MS = 10 * 60_000;

/** Why there is no delivery of an order. An order's id is the key of the command that placed it. */
export function absenceOf(id: string, placing: Placing, now: number): Absence {
  if (placing) return placing;
  const placed = timeOf(id);
  return placed !== null && Math.abs(now - placed) < GRACE_MS ? 'on-its-way' : 'unknown';
}

/** When a UUIDv7 was made (RFC 9562, section 5.7), in milliseconds since 1970; null for any other text. */
export function timeOf(id: string): number | null {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.exec(id);
  return match ? Number.parseInt(`${match[1]}${match[2]}`, 16) : null;
}
