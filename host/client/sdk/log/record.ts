/** What is told of a page, and how much of it at most. */

/** How bad it is. `info` and measures are told of sampled pages alone. */
export type Level = 'info' | 'warn' | 'error';

/** A few facts beside a message: short texts and numbers, never who somebody is. */
export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One line. `at` is in ms since the page began, `ms` what was measured. */
export interface RumRecord {
  readonly kind: 'log' | 'measure';
  readonly app: string;
  readonly level: Level;
  readonly message: string;
  readonly at: number;
  readonly ms?: number;
  readonly fields?: Fields;
}

export const MOST_FIELDS = 12;
export const LONGEST = 500;

/** The record of a message; what is too long is cut. */
export function recordOf(
  app: string,
  level: Level,
  message: unknown,
  at: number,
  { fields, ms }: { readonly fields?: Fields | undefined; readonly ms?: number } = {},
): RumRecord {
  return {
    kind: ms === undefined ? 'log' : 'measure',
    app,
    level,
    message: text(message),
    at: Math.round(at),
    ...(ms !== undefined && { ms: Math.round(ms * 10) / 10 }),
    ...(fields && { fields: shortened(fields) }),
  };
}

function text(message: unknown): string {
  const said = message instanceof Error ? `${message.name}: ${message.message}` : String(message);
  return said.slice(0, LONGEST);
}

function shortened(fields: Fields): Fields {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given
      .slice(0, MOST_FIELDS)
      .map(([name, value]) => [name.slice(0, 50), typeof value === 'string' ? value.slice(0, LONGEST) : value]),
  );
}
