/** Live updates: which order moved. */
import { live, status } from '@portico/sdk/offline';

/** Tells the id of an order that moved; null when any may have, unnoticed. The returned function ends it. */
export type OrderMoves = (listener: (id: string | null) => void) => () => void;

export const orderMoves: OrderMoves = (listener) => {
  const control = new AbortController();
  const { signal } = control;
  live.on('checkout.order-changed', ({ data }) => listener(idOf(data)), { signal });
  let online = status.get().online;
  status.subscribe(
    (now) => {
      if (now.online && !online) listener(null);
      online = now.online;
    },
    { signal },
  );
  return () => control.abort();
};

function idOf(data: unknown): string | null {
  const { id } = (data ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : null;
}
