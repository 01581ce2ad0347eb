import { type ReactNode, useCallback, useState } from 'react';
import { dishes, moment } from '../format.ts';
import type { OrderPage, OrderSummary } from '../model.ts';
import { asRefusal, type Refusal } from '../refusal.ts';
import { useSession } from '../session.ts';
import { useLoaded } from '../use-loaded.ts';
import { Receipt } from './art.tsx';
import { Amount, Plain, Skeleton, Trouble } from './parts.tsx';
import { Status } from './status.tsx';
import { View } from './view.tsx';

/** `/orders`: everything this person ordered, newest first. */
export function OrdersPage(): ReactNode {
  const { api } = useSession();
  const [loaded, again] = useLoaded(useCallback((signal: AbortSignal) => api.orders(null, signal), [api]));
  if (loaded.status === 'ready' && loaded.value.nodes.length === 0) {
    return (
      <View title="No orders yet" sub="Your first one will be listed here." art={<Receipt size={72} />}>
        <a className="p-button" href="/">
          Browse restaurants
        </a>
      </View>
    );
  }
  return (
    <View title="My orders" narrow>
      {loaded.status === 'loading' && <Skeleton rows={4} label="Loading your orders" />}
      {loaded.status === 'failed' && <Trouble refusal={loaded.refusal} retry={again} />}
      {loaded.status === 'ready' && <Pages first={loaded.value} />}
    </View>
  );
}

function Pages({ first }: { first: OrderPage }): ReactNode {
  const { api } = useSession();
  const [page, setPage] = useState(first);
  const [loading, setLoading] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);

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
          {loading ? 'Loading…' : 'Show older orders'}
        </button>
      )}
    </>
  );
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
