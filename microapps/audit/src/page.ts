/** The page: what is looked for, what was found, and the way to take it along. */
import { locale } from '@portico/sdk/i18n';
import type { Audits } from './audits.ts';
import { csv } from './csv.ts';
import { html } from './elements.ts';
import { filterForm } from './form.ts';
import { MergedAudits } from './merged.ts';
import { type Filter, type Found, type Place, queryOf } from './model.ts';
import { t } from './say.ts';
import { entryTable } from './table.ts';

const AT_ONCE = 50;
/** More than a spreadsheet is good for; who needs all of it asks the API. */
const MOST_EXPORTED = 10_000;

export function page(audits: Audits, signal: AbortSignal): HTMLElement {
  const form = filterForm();
  const says = html('p', { class: 'audit__says', role: 'status' });
  const results = html('div', { class: 'audit__results' });
  const take = html('button', { class: 'p-button p-button--quiet', type: 'button' }, t('export'));
  let known: Promise<readonly Place[]> | null = null;
  let search = new AbortController();

  /** Where audits are kept. Asked for again where it could not be had: without it nothing is known, which is not "nothing". */
  function places(): Promise<readonly Place[]> {
    known ??= audits.places(signal).then(
      (found) => {
        form.offer(found);
        return found;
      },
      (error: unknown) => {
        known = null;
        throw error;
      },
    );
    return known;
  }

  async function merged(filter: Filter): Promise<MergedAudits> {
    const asked = (await places()).filter(({ name }) => filter.place === '' || name === filter.place);
    return new MergedAudits(audits, asked, queryOf(filter));
  }

  async function show(): Promise<void> {
    search.abort();
    search = new AbortController();
    const current = AbortSignal.any([signal, search.signal]);
    says.textContent = t('looking');
    results.replaceChildren();
    const found = await merged(form.filter());
    if (current.aborted) return;
    const table = entryTable();
    const more = html('button', { class: 'p-button p-button--quiet', type: 'button' }, t('older'));
    more.hidden = true; // until it is known that there are any
    let shown = 0;
    let busy = false;

    /** Once at a time: asked for twice, the same would be shown twice. */
    async function older(): Promise<void> {
      if (busy) return;
      busy = true;
      says.textContent = t('looking');
      const entries = await found.next(AT_ONCE, current).finally(() => {
        busy = false;
      });
      if (current.aborted) return;
      table.add(entries);
      shown += entries.length;
      says.textContent = told(shown, found);
      more.hidden = found.ended;
    }

    more.addEventListener('click', () => void older().catch(unlessAborted(current)));
    results.replaceChildren(table.element, more);
    await older();
  }

  /** What the form says now; what was looked for before is given up. */
  function look(): void {
    void show().catch(unlessAborted(AbortSignal.any([signal, search.signal])));
  }

  async function exported(): Promise<void> {
    says.textContent = t('collecting');
    const found = await merged(form.filter());
    const entries = await found.next(MOST_EXPORTED, signal);
    if (signal.aborted) return;
    save(entries);
    says.textContent = told(entries.length, found);
  }

  function unlessAborted(current: AbortSignal): (error: unknown) => void {
    return () => {
      if (!current.aborted) says.textContent = t('unreadable');
    };
  }

  form.element.addEventListener('submit', (event) => {
    event.preventDefault();
    look();
  });
  take.addEventListener('click', () => void exported().catch(unlessAborted(signal)));
  look();
  return html(
    'div',
    { class: 'audit' },
    html('h1', { tabindex: '-1' }, t('title')),
    html('p', { class: 'audit__lead' }, t('lead')),
    form.element,
    html('div', { class: 'audit__bar' }, says, take),
    results,
  );
}

function told(count: number, found: MergedAudits): string {
  const words = found.ended ? (count === 0 ? t('nothing') : t('found', { count })) : t('foundMore', { count });
  if (found.failed.length === 0) return words;
  const places = new Intl.ListFormat(locale(), { type: 'unit' }).format(found.failed);
  return `${words} ${t('missing', { places })}`;
}

function save(entries: readonly Found[]): void {
  const url = URL.createObjectURL(new Blob([csv(entries)], { type: 'text/csv;charset=utf-8' }));
  html('a', { href: url, download: 'audit.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
