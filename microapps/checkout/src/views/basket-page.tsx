import { type ReactNode, useEffect } from 'react';
import type { Basket } from '../model.ts';
import { useObserved, useSession } from '../session.ts';
import { Bag } from './art.tsx';
import { BasketLines } from './basket-lines.tsx';
import { OrderForm } from './order-form.tsx';
import { OrderPanel } from './order-panel.tsx';
import { Empty, Skeleton, Trouble } from './parts.tsx';

/** `/basket`: what is in it, where it goes, what it costs, and the button. */
export function BasketPage(): ReactNode {
  const { basket: store } = useSession();
  const { basket, failure } = useObserved(store);
  useEffect(() => void store.load(), [store]);

  if (basket && basket.lines.length === 0 && !failure) return <EmptyBasket />;
  return (
    <div className="co-page">
      <header className="co-head">
        <h1 tabIndex={-1}>Your basket</h1>
        {basket?.restaurantName && <p className="co-muted">From {basket.restaurantName}</p>}
      </header>
      {failure && <Trouble refusal={failure.refusal} retry={() => store.retry()} />}
      {basket ? <Contents basket={basket} /> : !failure && <Skeleton rows={3} label="Loading your basket" />}
    </div>
  );
}

function Contents({ basket }: { basket: Basket }): ReactNode {
  return (
    <div className="co-columns">
      <div className="co-column">
        <BasketLines lines={basket.lines} />
        <OrderForm id="co-order" seenTotal={basket.total} />
      </div>
      <OrderPanel basket={basket} form="co-order" />
    </div>
  );
}

function EmptyBasket(): ReactNode {
  return (
    <Empty
      title="Your basket is empty"
      text="Find something good to eat; whatever you choose waits for you here."
      href="/"
      action="Browse restaurants"
      art={<Bag size={72} />}
    />
  );
}
