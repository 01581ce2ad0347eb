import { type ReactNode, useCallback, useState } from 'react';
import { dishes, moment } from '../format.ts';
import { type Kept, UNTOLD } from '../kept.ts';
import type { OrderPage, OrderSummary } from '../model.ts';
import { asRefusal, type Refusal } from '../refusal.ts';
import { t } from '../say.ts';
import { useObserved, useSession } from '../session.ts';
import { useLoaded } from '../use-loaded.ts';
import { useMoves } from '../use-moves.ts';
import { Receipt } from './art.tsx';
import { Amount, AsOf, Plain, Skeleton, Trouble } from './parts.tsx';
import { Pending, Status } from './status.tsx';
import { View } from './view.tsx';

/** `/orders`: everything this person ordered, newest first; above it, what is saved here and not placed yet. */
export function OrdersPage(): ReactNode {
  const { api, kept: commands } = useSession();
  const all = useObserved(commands);
  const kept = all.filter(({ order }) => order);
  const [loaded, again] = useLoaded(useCallback((signal: AbortSignal) => api.orders(null, signal), [api]));
  const none = loaded.status === 'ready' && loaded.value.nodes.length === 0 && !kept.length;
  if (none && all !== UNTOLD) {
    return (
      <View title={t('noOrders')} sub={t('noOrdersText')} art={<Receipt size={72} />}>
        <a className="p-button" href="/">
          {t('browse')}
        </a>
      </View>
    );
  }
  return (
    <View title={t('orders')} fresh={<AsOf />} narrow>
      {kept.length > 0 && <KeptOrders kept={kept} />}
      {(loaded.status === 'loading' || none) && <Skeleton rows={4} label={t('loadingOrders')} />}
      {loaded.status === 'failed' && <Trouble refusal={loaded.refusal} retry={again} />}
      {loaded.status === 'ready' && <Pages first={loaded.value} />}
    </View>
  );
}

function KeptOrders({ kept }: { kept: readonly Kept[] }): ReactNode {
  return (
    <Plain className="co-orders">
      {kept.map(({ key, describe, savedAt, state }) => (
        <li key={key}>
          <article className="p-card co-order">
            <div className="co-order__what">
              <h2>
                <a href={`/orders/${encodeURIComponent(key)}`}>{describe}</a>
              </h2>
              <p className="co-muted">
                {t('savedAt')} <time>{moment(new Date(savedAt).toISOString())}</time>
              </p>
            </div>
            <Pending words={t(state === 'stuck' ? 'notPlaced' : 'notSent')} />
          </article>
        </li>
      ))}
    </Plain>
  );
}

function Pages({ first }: { first: OrderPage }): ReactNode {
  const { api } = useSession();
  const [page, setPage] = useState(first);
  const [loading, setLoading] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

  const moved = useCallback(
    async (id: string | null) => {
      // Of a failure nothing is said: what is on screen was true a moment ago, and the page says from when it is.
      const order = id && (await api.order(id).catch(() => null));
      if (order) setPage((before) => ({ ...before, nodes: withOrder(before.nodes, order) }));
    },
    [api],
  );
  useMoves(moved);

  const more = async () => {
    if (loading) return;
    setLoading(true);
    setRefusal(null);
    try {
      const next = await api.orders(page.endCursor);
      setPage({ ...next, nodes: [...page.nodes, ...next.nodes] });
    } catch (error) {
      setRefusal(asRefusal(error));
    }
    setLoading(false);
  };

  return (
    <>
      <Plain className="co-orders">
        {page.nodes.map((order) => (
          <li key={order.id}>
            <OrderCard order={order} />
          </li>
        ))}
      </Plain>
      {refusal && <Trouble refusal={refusal} retry={more} />}
      {page.hasNextPage && !refusal && (
        <button type="button" className="p-button p-button--quiet co-more" aria-disabled={loading} onClick={more}>
          {t(loading ? 'loading' : 'older')}
        </button>
      )}
    </>
  );
}

/** The orders with one as it is now; one that is new stands first. */
function withOrder(nodes: readonly OrderSummary[], order: OrderSummary): readonly OrderSummary[] {
  const there = nodes.some(({ id }) => id === order.id);
  return there ? nodes.map((other) => (other.id === order.id ? order : other)) : [order, ...nodes];
}

function OrderCard({ order }: { order: OrderSummary }): ReactNode {
  return (
    <article className="p-card co-order">
      <div className="co-order__what">
        <h2>
          <a href={`/orders/${encodeURIComponent(order.id)}`}>{order.restaurantName}</a>
        </h2>
        <p className="co-muted">
          <time dateTime={order.placedAt}>{moment(order.placedAt)}</time> · {dishes(order.count)}
        </p>
      </div>
      <Status of={order.status} />
      <Amount of={order.total} />
    </article>
  );
}
