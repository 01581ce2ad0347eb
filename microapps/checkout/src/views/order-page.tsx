import { type ReactNode, useCallback } from 'react';
import { moment } from '../format.ts';
import type { Order } from '../model.ts';
import { useObserved, useSession } from '../session.ts';
import { useLoaded } from '../use-loaded.ts';
import { Receipt, Tick } from './art.tsx';
import { Amount, Plain, Skeleton, Sums, Trouble } from './parts.tsx';
import { Status } from './status.tsx';
import { View } from './view.tsx';

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
    <View
      title={order ? `Order from ${order.restaurantName}` : 'Order'}
      lead={<a href="/orders">All orders</a>}
      sub={order && <time dateTime={order.placedAt}>{moment(order.placedAt)}</time>}
      narrow
    >
      {just && <Thanks />}
      {order ? <Details order={order} /> : null}
      {!order && loaded.status === 'loading' && <Skeleton rows={3} label="Loading your order" />}
      {!order && loaded.status === 'failed' && <Trouble refusal={loaded.refusal} retry={again} />}
    </View>
  );
}

function Thanks(): ReactNode {
  return (
    <div className="p-notice co-thanks" data-kind="success" role="status">
      <Tick size={24} />
      <p>
        <strong>Order placed.</strong> Thank you!
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
        <h2>Delivery address</h2>
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
    <View
      title="There is no such order"
      sub="The link may be mistyped, or the order belongs to somebody else."
      art={<Receipt size={72} />}
    >
      <a className="p-button" href="/orders">
        See my orders
      </a>
    </View>
  );
}
