/** What went wrong with a call, in the terms the screens need: whether it may have happened, and what to say. */

import { t } from './say.ts';

export type Outcome =
  /** The server said no; nothing was changed. */
  | 'refused'
  /** No answer, or one that does not tell; it may or may not have happened. Sending it again needs the same key. */
  | 'unknown';

export class Refusal extends Error {
  readonly code: string;
  readonly outcome: Outcome;
  /** Sentence per input field, by the field's name in the API. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(message: string, code: string, outcome: Outcome, fields: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.outcome = outcome;
    this.fields = fields;
  }

  /** The refusal once the complaint about `field` is settled; null when that was all of it. */
  without(field: string): Refusal | null {
    const { [field]: settled, ...rest } = this.fields;
    if (settled === undefined) return this;
    return Object.keys(rest).length ? new Refusal(this.message, this.code, this.outcome, rest) : null;
  }
}

/** Any thrown value as a Refusal, for code that shows errors. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal(t('pageMistake'), 'unexpected', 'unknown');
}
