/** Keys of commands. */

/** A UUID version 7 (RFC 9562, section 5.7) for a time in milliseconds since 1970. */
export function newKey(now: number): string {
  const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, '0').slice(-12);
  const random = crypto.randomUUID().slice(15); // version 4's bits after its version digit; the variant stays
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random}`;
}

/** The milliseconds since 1970 that a key was made at. */
export function bornAt(key: string): number {
  return Number.parseInt(key.slice(0, 8) + key.slice(9, 13), 16);
}

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export function isKey(text: string): boolean {
  return UUID_7.test(text);
}
