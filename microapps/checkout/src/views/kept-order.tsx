import type { ReactNode } from 'react';
import { moment } from '../format.ts';
import type { Kept } from '../kept.ts';
import type { Order, OrderRequest } from '../model.ts';
import { useSession } from '../session.ts';
import { OrderDetails, Where } from './order-details.tsx';
import { Amount } from './parts.tsx';
import { NOT_PLACED, NOT_SENT, Pending } from './status.tsx';
import { GiveUp } from './stuck.tsx';
import { View } from './view.tsx';

interface Props {
  readonly kept: Kept;
  /** What was asked for. */
  readonly asked: OrderRequest;
  /** All of the order, where this device still knows it. */
  readonly order: Order | null;
}

/** An order that is saved on this device and not placed yet, or was refused when it was sent. */
export function KeptOrder({ kept, asked, order }: Props): ReactNode {
  const at = new Date(kept.savedAt).toISOString();
  const words = kept.state === 'stuck' ? NOT_PLACED : NOT_SENT;
  return (
    <View
      title={order ? `Order from ${order.restaurantName}` : 'Order'}
      lead={<a href="/orders">All orders</a>}
      sub={<time dateTime={at}>{moment(at)}</time>}
      narrow
    >
      {kept.state === 'stuck' ? <Refused kept={kept} /> : <Saved />}
      {order ? <OrderDetails order={order} pending={words} /> : <Asked words={words} kept={kept} asked={asked} />}
    </View>
  );
}

function Saved(): ReactNode {
  return (
    <div className="p-notice co-saved" role="status">
      <p>
        <strong>Saved on this device, will be sent.</strong> The restaurant does not have it yet. It is sent by itself,
        once, when there is a connection; you can close this page.
      </p>
    </div>
  );
}

function Refused({ kept }: { kept: Kept }): ReactNode {
  const { basket, goTo } = useSession();
  const back = () => {
    void basket.load();
    goTo('/basket');
  };
  return (
    <div className="p-notice co-trouble" data-kind="danger" role="alert">
      <div>
        <strong>Your order was not placed.</strong>
        <p>{kept.why} What you chose is still in your basket.</p>
      </div>
      <GiveUp of={kept.key} label="Go back to the basket" then={back} />
    </div>
  );
}

/** What the command itself tells. */
function Asked({ words, kept, asked }: { words: string; kept: Kept; asked: OrderRequest }): ReactNode {
  return (
    <div className="p-card co-details">
      <div className="co-details__head">
        <h2>{kept.describe}</h2>
        <Pending words={words} />
      </div>
      <p>
        Total <Amount of={asked.seenTotal} />
      </p>
      <Where address={asked.address} note={asked.note} />
    </div>
  );
}
