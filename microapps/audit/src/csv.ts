/** Entries as a table for other programs (RFC 4180). */
import type { Found } from './model.ts';

const COLUMNS = [
  'time',
  'place',
  'actor',
  'client',
  'action',
  'outcome',
  'kind',
  'key',
  'version',
  'tenant',
  'reason',
  'seq',
] as const;

export function csv(entries: readonly Found[]): string {
  const rows = entries.map((entry) =>
    COLUMNS.map((column) => cell(column === 'time' ? new Date(entry.at).toISOString() : entry[column])),
  );
  return [COLUMNS, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

/** A spreadsheet takes a cell that begins so for a formula, and runs it: what people typed must stay text. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string | number | null): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
