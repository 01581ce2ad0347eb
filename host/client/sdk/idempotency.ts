/**
 * A new key for `Idempotency-Key`: a UUID version 7 (RFC 9562, section 5.7), so that keys sort by the time they were made.
 *
 * Make one key per intention of the person, not per attempt: a retry sends the same key.
 */
export function idempotencyKey(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const random = crypto.randomUUID().slice(15); // version 4's bits after its version digit; the variant stays
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random}`;
}
