import { type ReactNode, useCallback } from 'react';
import { moment } from '../format.ts';
import type { Order } from '../model.ts';
import { useObserved, useSession } from '../session.ts';
import { useLoaded } from '../use-loaded.ts';
import { Receipt, Tick } from './art.tsx';
import { Amount, Empty, Plain, Skeleton, Sums, Trouble } from './parts.tsx';
import { Status } from './status.tsx';

/** `/orders/:id`: one order. The one just placed shows at once, from the answer to placing it. */
export function OrderPage({ id }: { id: string }): ReactNode {
  const { api, order: store } = useSession();
  const { placed } = useObserved(store);
  const just = placed?.id === id ? placed : null;
  const load = useCallback(async (signal: AbortSignal) => just ?? api.order(id, signal), [api, id, just]);
  const [loaded, again] = useLoaded(load);
  const order = just ?? (loaded.status === 'ready' ? loaded.value : null);

  if (!order && loaded.status === 'ready') return <NoSuchOrder />;
  return (
    <div className="co-page co-page--narrow">
      <header className="co-head">
        <p>
          <a href="/orders">All orders</a>
        </p>
        <h1 tabIndex={-1}>{order ? `Order from ${order.restaurantName}` : 'Order'}</h1>
        {order && (
          <p className="co-muted">
            <time dateTime={order.placedAt}>{moment(order.placedAt)}</time>
          </p>
        )}
      </header>
      {just && <Thanks />}
      {order ? <Details order={order} /> : null}
      {!order && loaded.status === 'loading' && <Skeleton rows={3} label="Loading your order" />}
      {!order && loaded.status === 'failed' && <Trouble refusal={loaded.refusal} retry={again} />}
    </div>
  );
}

function Thanks(): ReactNode {
  return (
    <div className="p-notice co-thanks" data-kind="success" role="status">
      <Tick size={24} />
      <p>
        <strong>Order placed.</strong> Thank you! The kitchen has been told.
      </p>
    </div>
  );
}

function Details({ order }: { order: Order }): ReactNode {
  const { address } = order;
  return (
    <div className="p-card co-details">
      <div className="co-details__head">
        <h2>What you ordered</h2>
        <Status of={order.status} />
      </div>
      <Plain className="co-details__lines">
        {order.lines.map((line) => (
          <li key={line.dishId}>
            <span className="co-times">{line.quantity} ×</span>
            <span>{line.name}</span>
            <Amount of={line.total} />
          </li>
        ))}
      </Plain>
      <Sums subtotal={order.subtotal} delivery={order.delivery} total={order.total} />
      <div className="co-details__where">
        <h2>Delivered to</h2>
        <address>
          {address.name}
          <br />
          {address.street}
          <br />
          {address.postalCode} {address.city}
        </address>
        {order.note && <blockquote className="co-muted">{order.note}</blockquote>}
      </div>
      <p className="co-muted co-details__id">Order number {order.id}</p>
    </div>
  );
}

function NoSuchOrder(): ReactNode {
  return (
    <Empty
      title="There is no such order"
      text="The link may be mistyped, or the order belongs to somebody else."
      href="/orders"
      action="See my orders"
      art={<Receipt size={72} />}
    />
  );
}
