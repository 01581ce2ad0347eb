import { NetworkError, ProblemError, SignedOutError, signIn } from '@portico/sdk';
import { live } from '@portico/sdk/offline';
import { defineComponent, h, type InjectionKey, inject, onScopeDispose, shallowRef, type VNode } from 'vue';
import type { ArchiveApi, Receipt } from './api.ts';
import { day, money } from './format.ts';
import { save } from './save.ts';
import { t } from './say.ts';

export const API: InjectionKey<ArchiveApi> = Symbol('archive api');

/** `/receipts`: the receipts, newest first, each with its document. */
export const Page = defineComponent({
  name: 'ArchivePage',
  setup() {
    const api = inject(API);
    if (!api) throw new Error('The archive is rendered without its api');
    const items = shallowRef<readonly Receipt[] | null>(null);
    const cursor = shallowRef<string | null>(null);
    const failure = shallowRef<unknown>();
    const trouble = shallowRef('');
    const control = new AbortController();

    let last = 0;

    /** What is asked for last is what shows: an answer that a newer question has overtaken may be out of date. */
    async function load(from: string | null): Promise<void> {
      const round = ++last;
      failure.value = undefined;
      const found = await (api as ArchiveApi).receipts(from).catch((error: unknown) => {
        if (round === last) failure.value = error;
      });
      if (!found || round !== last) return;
      items.value = from === null ? found.items : [...(items.value ?? []), ...found.items];
      cursor.value = found.nextCursor;
    }

    async function download({ id }: Receipt): Promise<void> {
      trouble.value = '';
      try {
        save(await (api as ArchiveApi).document(id), `receipt-${id}.pdf`);
      } catch (error) {
        trouble.value = isOffline(error) ? t('noConnection') : t('notHad');
      }
    }

    live.on('archive.receipt-filed', () => void load(null), { signal: control.signal });
    onScopeDispose(() => control.abort());
    void load(null);

    return () =>
      h('div', { class: 'archive' }, [
        h('header', [
          h('h1', { tabindex: -1 }, t('title')),
          h('p', { class: 'archive__lead' }, [
            items.value?.some(({ customer }) => customer !== null) ? t('leadAll') : t('lead'),
            ' ',
            h('portico-as-of', { app: 'archive' }),
          ]),
        ]),
        trouble.value ? h('p', { class: 'p-notice', 'data-kind': 'danger', role: 'alert' }, trouble.value) : null,
        failure.value === undefined ? null : failed(failure.value, () => void load(null)),
        shown(items.value, failure.value, download),
        cursor.value === null ? null : more(() => void load(cursor.value)),
      ]);
  },
});

function shown(
  items: readonly Receipt[] | null,
  failure: unknown,
  download: (one: Receipt) => Promise<void>,
): VNode | null {
  if (items?.length) return table(items, download);
  if (items) return h('div', [h('p', [h('strong', t('nothing'))]), h('p', t('nothingText'))]);
  if (failure !== undefined) return null;
  return h('div', { role: 'status' }, [
    h('span', { class: 'p-visually-hidden' }, t('fetching')),
    h('div', { class: 'p-skeleton archive__bone', 'aria-hidden': 'true' }),
  ]);
}

function table(items: readonly Receipt[], download: (one: Receipt) => Promise<void>): VNode {
  const whose = items.some(({ customer }) => customer !== null);
  const heads = [t('order'), t('placed'), ...(whose ? [t('customer')] : []), t('total'), t('document')];
  // One that scrolls must be reached by keyboard as well.
  return h('div', { class: 'archive__scroll', tabindex: 0, role: 'region', 'aria-label': t('title') }, [
    h('table', { role: 'table' }, [
      h('thead', { role: 'rowgroup' }, [
        h(
          'tr',
          { role: 'row' },
          heads.map((name) => h('th', { scope: 'col', role: 'columnheader' }, name)),
        ),
      ]),
      h(
        'tbody',
        { role: 'rowgroup' },
        items.map((receipt) => row(receipt, whose, download)),
      ),
    ]),
  ]);
}

// The roles say what CSS takes away from narrow screens, where a row is no line of a table.
function row(receipt: Receipt, whose: boolean, download: (one: Receipt) => Promise<void>): VNode {
  const { id, restaurantName: restaurant, placedAt, status, total, filed, customer } = receipt;
  const label = t('downloadOf', { restaurant, day: day(placedAt) });
  const button = { type: 'button', class: 'p-button p-button--quiet p-button--small', 'aria-label': label } as const;
  return h('tr', { key: id, role: 'row' }, [
    h('th', { scope: 'row', role: 'rowheader' }, [
      h('bdi', restaurant),
      h('small', { 'data-status': status }, t(status)),
    ]),
    h('td', { role: 'cell' }, [h('time', { datetime: placedAt }, day(placedAt))]),
    whose ? h('td', { role: 'cell' }, [h('bdi', customer ?? '')]) : null,
    h('td', { role: 'cell', class: 'archive__total' }, money(total)),
    h('td', { role: 'cell', class: 'archive__document' }, [
      filed ? h('button', { ...button, onClick: () => void download(receipt) }, t('download')) : t('making'),
    ]),
  ]);
}

function more(load: () => void): VNode {
  return h('button', { type: 'button', class: 'p-button p-button--quiet', onClick: load }, t('more'));
}

function failed(failure: unknown, retry: () => void): VNode {
  const signedOut = failure instanceof SignedOutError;
  const why = signedOut ? t('signedOut') : isOffline(failure) ? t('noConnection') : t('ourMistake');
  const go = signedOut ? () => signIn() : retry;
  return h('div', { class: 'p-notice', 'data-kind': 'danger', role: 'alert' }, [
    h('p', [h('strong', t('notFetched')), ` ${why}`]),
    h(
      'button',
      { type: 'button', class: 'p-button p-button--quiet', onClick: go },
      signedOut ? t('signIn') : t('tryAgain'),
    ),
  ]);
}

function isOffline(error: unknown): boolean {
  return error instanceof NetworkError || (error instanceof ProblemError && error.code === 'offline');
}
