/**
 * A new key for `Idempotency-Key`: a UUID version 7 (RFC 9562, section 5.7), so that keys sort by the time they were made.
 *
 * Make one key per intention of the person, not per attempt: a retry sends the same key.
 */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint32(0, Math.floor(Date.now() / 0x1_0000));
  new DataView(bytes.buffer).setUint16(4, Date.now() % 0x1_0000);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
