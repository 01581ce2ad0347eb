/** One line of an audit, and what can be asked of it. Mirrors `docs/reference/audit.md`. */

export type Outcome = 'allowed' | 'refused';

export interface Entry {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly outcome: Outcome;
  readonly kind: string;
  readonly key: string;
  readonly sort: string;
  readonly version: number | null;
  readonly client: string | null;
  readonly tenant: string | null;
  readonly reason: string | null;
}

/** An entry, and whose audit it is from. */
export interface Found extends Entry {
  readonly place: string;
}

/** Somewhere an audit is kept: the host, or an app's BFF. */
export interface Place {
  readonly name: string;
  readonly url: string;
}

/** What the person asks for. Empty texts ask for nothing; dates are days of the person's own calendar: `2026-03-01`. */
export interface Filter {
  readonly place: string;
  readonly actor: string;
  readonly entity: string;
  readonly kind: string;
  readonly outcome: string;
  readonly from: string;
  readonly until: string;
}

export interface EntryPage {
  readonly items: readonly Entry[];
  readonly nextCursor: string | null;
}

/** The query of a filter, as every audit takes it: from the beginning of one day to the end of another. */
export function queryOf({ actor, entity, kind, outcome, from, until }: Filter): Readonly<Record<string, string>> {
  const query = {
    actor: actor.trim(),
    entity: entity.trim(),
    kind: kind.trim(),
    outcome,
    since: from && dayStart(from, 0),
    until: until && dayStart(until, 1),
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

function dayStart(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
