/** What checkout shows in a slot: a page in `main`, the indicator in `tools`. */
import { type ReactNode, useMemo } from 'react';
import { type Session, SessionContext } from './session.ts';
import { BasketPage } from './views/basket-page.tsx';
import { Indicator } from './views/indicator.tsx';
import { OrderPage } from './views/order-page.tsx';
import { OrdersPage } from './views/orders-page.tsx';

export interface PageProps {
  readonly session: Session;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
}

export function Page({ session, path, params }: PageProps): ReactNode {
  const { id } = params;
  const view = useMemo(() => {
    if (path.startsWith('/orders')) return id === undefined ? <OrdersPage /> : <OrderPage key={id} id={id} />;
    return <BasketPage />;
  }, [path, id]);
  return (
    <SessionContext value={session}>
      <div className="co">{view}</div>
    </SessionContext>
  );
}

export function Tool({ session }: { session: Session }): ReactNode {
  return (
    <SessionContext value={session}>
      <div className="co">
        <Indicator />
      </div>
    </SessionContext>
  );
}
