/** One delivery, kept up to date; or why there is none. */
import { onScopeDispose, type ShallowRef, shallowRef } from 'vue';
import { type Absence, absenceOf } from './absence.ts';
import { keepingList } from './kept-list.ts';
import type { Delivery } from './model.ts';
import type { Session } from './session.ts';

export type Found =
  | { readonly state: 'loading' }
  | { readonly state: 'there'; readonly delivery: Delivery }
  | { readonly state: 'absent'; readonly why: Absence }
  | { readonly state: 'failed'; readonly failure: unknown };

export interface UsedDelivery {
  readonly found: Readonly<ShallowRef<Found>>;
  readonly load: () => Promise<void>;
}

/** For the life of the calling component. What is on screen stays while it is read again, and when that fails. */
export function useDelivery({ api, now }: Session, id: string): UsedDelivery {
  const found = shallowRef<Found>({ state: 'loading' });
  const control = new AbortController();
  const keepList = keepingList(api, control.signal);
  let last = 0;

  async function read(): Promise<Found> {
    // What waits on this device needs no network to be told.
    const placing = await api.placing(id).catch(() => null);
    if (placing) return { state: 'absent', why: placing };
    const delivery = await api.delivery(id, control.signal);
    return delivery ? { state: 'there', delivery } : { state: 'absent', why: absenceOf(id, null, now()) };
  }

  async function load(): Promise<void> {
    const round = ++last;
    const next = await read().catch((failure: unknown): Found => ({ state: 'failed', failure }));
    const kept = next.state === 'failed' && found.value.state === 'there';
    if (round === last && !control.signal.aborted && !kept) found.value = next;
  }

  const ends = [
    api.onMove((moved) => {
      keepList();
      if (moved === null || moved === id) void load();
    }),
    api.onWaiting(() => {
      if (found.value.state !== 'there') void load();
    }),
  ];
  onScopeDispose(() => {
    for (const end of ends) end();
    control.abort();
  });
  void load();
  return { found, load };
}
