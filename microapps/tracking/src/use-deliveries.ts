/** The list of deliveries, page by page, kept up to date by what moves. */
import { onScopeDispose, type ShallowRef, shallowRef } from 'vue';
import type { TrackingApi } from './api.ts';
import { keepingList } from './kept-list.ts';
import { type DeliveryPage, withDelivery } from './model.ts';

export interface Deliveries {
  /** Undefined until it was read once. */
  readonly page: Readonly<ShallowRef<DeliveryPage | undefined>>;
  /** Why the last reading failed. */
  readonly failure: Readonly<ShallowRef<unknown>>;
  readonly loading: Readonly<ShallowRef<boolean>>;
  /** Reads from the start. */
  readonly load: () => Promise<void>;
  /** Reads the next page. */
  readonly more: () => Promise<void>;
}

/** For the life of the calling component. */
export function useDeliveries(api: TrackingApi): Deliveries {
  const page = shallowRef<DeliveryPage>();
  const failure = shallowRef<unknown>();
  const loading = shallowRef(false);
  const control = new AbortController();
  const { signal } = control;
  const keepList = keepingList(api, signal);

  let last = 0;

  /** What is asked for last is what shows: an answer that a newer question has overtaken may be out of date. */
  async function read(after: string | null): Promise<void> {
    const round = ++last;
    loading.value = true;
    try {
      const next = await api.deliveries(after, signal);
      if (round !== last) return;
      const before = after === null ? [] : (page.value?.nodes ?? []);
      page.value = { ...next, nodes: [...before, ...next.nodes] };
      failure.value = undefined;
    } catch (error) {
      if (round !== last || signal.aborted) return;
      failure.value = error;
    }
    loading.value = false;
  }

  async function moved(id: string | null): Promise<void> {
    if (id === null || !page.value) return read(null);
    keepList();
    const delivery = await api.delivery(id, signal).catch(() => null);
    if (delivery && page.value) page.value = { ...page.value, nodes: withDelivery(page.value.nodes, delivery) };
  }

  const end = api.onMove((id) => void moved(id));
  onScopeDispose(() => {
    end();
    control.abort();
  });
  void read(null);
  return { page, failure, loading, load: () => read(null), more: () => read(page.value?.endCursor ?? null) };
}
