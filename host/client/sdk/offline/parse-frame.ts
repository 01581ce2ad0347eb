/** Reads frames of `/live` from JSON. */

import type { Frame, Hello, Incoming } from '@portico/local';

/** A long poll's answer. */
export interface PollAnswer {
  readonly hello: Hello;
  readonly frames: readonly Frame[];
  /** Whether `frames` take the place of all that the client has. */
  readonly reset: boolean;
  /** Whether there is more than these: ask again. */
  readonly more?: boolean;
}

/** One frame from its JSON; `null` for what is none (another version's, a broken one). */
export function parseFrame(text: string): Incoming | null {
  try {
    const value: unknown = JSON.parse(text);
    const known = typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
    return known ? (value as Incoming) : null;
  } catch {
    return null;
  }
}
