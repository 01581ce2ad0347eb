import { type ReactNode, useEffect } from 'react';
import { stuckOf } from '../kept.ts';
import type { Basket } from '../model.ts';
import { t } from '../say.ts';
import { useObserved, useSession } from '../session.ts';
import { Bag } from './art.tsx';
import { BasketLines } from './basket-lines.tsx';
import { OrderForm } from './order-form.tsx';
import { OrderPanel } from './order-panel.tsx';
import { AsOf, Skeleton, Trouble } from './parts.tsx';
import { Stuck } from './stuck.tsx';
import { View, type ViewProps } from './view.tsx';

/** `/basket`: what is in it, where it goes, what it costs, and the button. */
export function BasketPage(): ReactNode {
  const { basket: store, added, kept } = useSession();
  const { basket, failure } = useObserved(store);
  const stuck = stuckOf(useObserved(kept));
  useEffect(() => void store.load(), [store]);
  // Who is here sees it; the word of it would only be in the way.
  useEffect(() => added.dismiss(), [added]);
  // A failed addition is told by the indicator, unless there is nothing else to show here.
  const shown = basket && failure?.command?.change.kind === 'add' ? null : failure;

  return (
    <View {...(basket?.lines.length === 0 && !shown && !stuck ? nothing() : headOf(basket))} fresh={<AsOf />}>
      {stuck && <Stuck kept={stuck} />}
      {shown && <Trouble refusal={shown.refusal} retry={() => store.retry()} />}
      {basket ? <Contents basket={basket} /> : !shown && <Skeleton rows={3} label={t('loadingBasket')} />}
    </View>
  );
}

function nothing(): ViewProps {
  return { title: t('emptyTitle'), sub: t('emptyText'), art: <Bag size={72} /> };
}

function headOf(basket: Basket | null): ViewProps {
  const sub = basket?.restaurantName && t('from', { restaurant: basket.restaurantName });
  return { title: t('basketTitle'), ...(sub && { sub }) };
}

function Contents({ basket }: { basket: Basket }): ReactNode {
  if (basket.lines.length === 0) {
    return (
      <a className="p-button" href="/">
        {t('browse')}
      </a>
    );
  }
  return (
    <div className="co-columns">
      <div className="co-column">
        <BasketLines lines={basket.lines} />
        <OrderForm id="co-order" basket={basket} />
      </div>
      <OrderPanel basket={basket} form="co-order" />
    </div>
  );
}
