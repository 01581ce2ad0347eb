/** The entries as a table. */
import { html } from './elements.ts';
import type { Found } from './model.ts';

const HEADINGS = ['When', 'Who', 'Did', 'To what', 'Where'] as const;

/** A table without rows, and what adds some. It may be wider than a phone: then it scrolls, and the page does not. */
export function entryTable(): { readonly element: HTMLElement; add(entries: readonly Found[]): void } {
  const body = html('tbody', {});
  const heads = HEADINGS.map((heading) => html('th', { scope: 'col' }, heading));
  const table = html('table', { class: 'audit__table' }, html('thead', {}, html('tr', {}, ...heads)), body);
  const element = html(
    'div',
    { class: 'audit__scroll', role: 'region', 'aria-label': 'Entries', tabindex: '0' },
    table,
  );
  return { element, add: (entries) => body.append(...entries.map(row)) };
}

function row(entry: Found): HTMLElement {
  const at = new Date(entry.at);
  const words = new Intl.DateTimeFormat(document.documentElement.lang || 'en', {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(at);
  const refused = entry.outcome === 'refused';
  const did = refused ? `${entry.action}, refused` : entry.action;
  return html(
    'tr',
    { 'data-outcome': entry.outcome },
    html('td', {}, html('time', { datetime: at.toISOString() }, words)),
    html('td', {}, entry.actor, ...small(through(entry))),
    html('td', {}, did, ...small(refused ? entry.reason : null)),
    html('td', {}, entry.kind, ...small(entry.version === null ? entry.key : `${entry.key}, version ${entry.version}`)),
    html('td', {}, entry.place),
  );
}

/** The host stands for a person's own pages, which goes without saying. */
function through({ client }: Found): string | null {
  return client === null || client === 'portico-host' ? null : `through ${client}`;
}

function small(text: string | null): readonly HTMLElement[] {
  return text ? [html('small', {}, text)] : [];
}
