import { type ReactNode, useCallback } from 'react';
import { moment } from '../format.ts';
import { UNTOLD } from '../kept.ts';
import type { Order } from '../model.ts';
import { t } from '../say.ts';
import { useObserved, useSession } from '../session.ts';
import { type Loaded, useLoaded } from '../use-loaded.ts';
import { useMoves } from '../use-moves.ts';
import { Receipt, Tick } from './art.tsx';
import { KeptOrder } from './kept-order.tsx';
import { OrderDetails } from './order-details.tsx';
import { AsOf, Skeleton, Trouble } from './parts.tsx';
import { View } from './view.tsx';

/** `/orders/:id`: one order. One that waits on this device has its number already, and is shown as what it is. */
export function OrderPage({ id }: { id: string }): ReactNode {
  const { order: store, kept: commands } = useSession();
  const { placed } = useObserved(store);
  const all = useObserved(commands);
  const kept = all.find(({ key, order }) => key === id && order);
  const just = placed?.order.id === id ? placed : null;
  const [loaded, again] = useOrder(id, just && !just.kept ? just.order : null);
  // Without what is kept here it is not known whether the server has what was read, or is missing what was not.
  const ready = loaded.status === 'ready' && all !== UNTOLD;
  const told = ready ? loaded.value : null;

  if (kept?.order) return <KeptOrder kept={kept} asked={kept.order} order={told ?? just?.order ?? null} />;
  if (ready && !told) return <NoSuchOrder />;
  return (
    <View
      title={told ? t('orderFrom', { restaurant: told.restaurantName }) : t('order')}
      lead={<a href="/orders">{t('allOrders')}</a>}
      sub={told && <time dateTime={told.placedAt}>{moment(told.placedAt)}</time>}
      fresh={<AsOf />}
      narrow
    >
      {told && just && <Thanks />}
      {told ? <OrderDetails order={told} /> : null}
      {!ready && loaded.status !== 'failed' && <Skeleton rows={3} label={t('loadingOrder')} />}
      {loaded.status === 'failed' && <Trouble refusal={loaded.refusal} retry={again} />}
    </View>
  );
}

/** The order as the server has it: from the answer to placing it at once, and again whenever it moved. */
function useOrder(id: string, answer: Order | null): readonly [Loaded<Order | null>, () => void] {
  const { api } = useSession();
  const load = useCallback((signal: AbortSignal) => api.order(id, signal), [api, id]);
  const [loaded, again] = useLoaded<Order | null>(load, answer ?? undefined);
  const moved = useCallback((which: string | null) => (which === null || which === id) && again(), [id, again]);
  useMoves(moved);
  return [loaded, again];
}

function Thanks(): ReactNode {
  return (
    <div className="p-notice co-thanks" data-kind="success" role="status">
      <Tick size={24} />
      <p>
        <strong>{t('placed')}</strong> {t('thanks')}
      </p>
    </div>
  );
}

function NoSuchOrder(): ReactNode {
  return (
    <View title={t('noSuchOrder')} sub={t('noSuchOrderText')} art={<Receipt size={72} />}>
      <a className="p-button" href="/orders">
        {t('seeOrders')}
      </a>
    </View>
  );
}
