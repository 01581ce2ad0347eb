import type { ReactNode } from 'react';
import { moment } from '../format.ts';
import type { Kept } from '../kept.ts';
import type { Order, OrderRequest } from '../model.ts';
import { t } from '../say.ts';
import { useSession } from '../session.ts';
import { OrderDetails, Where } from './order-details.tsx';
import { Amount } from './parts.tsx';
import { Pending } from './status.tsx';
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
  const words = t(kept.state === 'stuck' ? 'notPlaced' : 'notSent');
  return (
    <View
      title={order ? t('orderFrom', { restaurant: order.restaurantName }) : t('order')}
      lead={<a href="/orders">{t('allOrders')}</a>}
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
        <strong>{t('savedTitle')}</strong> {t('savedText')}
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
        <strong>{t('notPlacedTitle')}</strong>
        <p>{t('stillInBasket', { why: kept.why })}</p>
      </div>
      <GiveUp of={kept.key} label={t('backToBasket')} then={back} />
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
        {t('total')} <Amount of={asked.seenTotal} />
      </p>
      <Where address={asked.address} note={asked.note} />
    </div>
  );
}
