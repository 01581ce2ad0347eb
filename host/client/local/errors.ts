/** Errors of what is kept on the device: one class, a stable `code`. */

/**
 * `quota`: the device has no room; nothing was stored. `newer`: the data were written by a newer version of this code.
 * `blocked`: another page holds the data in an older version. `closed`: used after `close`. `invalid`: a draft that cannot
 * become a command. `too-large`: its body is over the limit. `key-in-use`: another command waits under the key. `unknown-key`:
 * no such entry. `wrong-state`: the entry cannot do that now. `unavailable`: the device refuses storage.
 */
export type LocalErrorCode =
  | 'quota'
  | 'newer'
  | 'blocked'
  | 'closed'
  | 'invalid'
  | 'too-large'
  | 'key-in-use'
  | 'unknown-key'
  | 'wrong-state'
  | 'unavailable';

export class LocalError extends Error {
  override readonly name = 'LocalError';

  constructor(
    readonly code: LocalErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
