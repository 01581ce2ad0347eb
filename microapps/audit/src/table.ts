/** The entries as a table. */
import { locale } from '@portico/sdk/i18n';
import { html } from './elements.ts';
import type { Found } from './model.ts';
import { t } from './say.ts';

const HEADINGS = ['when', 'who', 'did', 'toWhat', 'where'] as const;

/** A table without rows, and what adds some. It may be wider than a phone: then it scrolls, and the page does not. */
export function entryTable(): { readonly element: HTMLElement; add(entries: readonly Found[]): void } {
  const body = html('tbody', {});
  const heads = HEADINGS.map((heading) => html('th', { scope: 'col' }, t(heading)));
  const table = html('table', { class: 'audit__table' }, html('thead', {}, html('tr', {}, ...heads)), body);
  const element = html(
    'div',
    { class: 'audit__scroll', role: 'region', 'aria-label': t('entries'), tabindex: '0' },
    table,
  );
  return { element, add: (entries) => body.append(...entries.map(row)) };
}

function row(entry: Found): HTMLElement {
  const at = new Date(entry.at);
  const words = new Intl.DateTimeFormat(locale(), {
    dateStyle: 'medium',
    timeStyle: 'medium',
  }).format(at);
  const refused = entry.outcome === 'refused';
  const did = refused ? t('actionRefused', { action: entry.action }) : entry.action;
  return html(
    'tr',
    { 'data-outcome': entry.outcome },
    html('td', {}, html('time', { datetime: at.toISOString() }, words)),
    html('td', {}, entry.actor, ...small(through(entry))),
    html('td', {}, did, ...small(refused ? entry.reason : null)),
    html('td', {}, entry.kind, ...small(versioned(entry))),
    html('td', {}, entry.place),
  );
}

/** The host stands for a person's own pages, which goes without saying. */
function through({ client }: Found): string | null {
  return client === null || client === 'portico-host' ? null : t('through', { client });
}

function versioned({ key, version }: Found): string {
  return version === null ? key : t('version', { key, version });
}

function small(text: string | null): readonly HTMLElement[] {
  return text ? [html('small', {}, text)] : [];
}
