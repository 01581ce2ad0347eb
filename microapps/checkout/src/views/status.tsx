import type { ReactNode } from 'react';
import type { OrderStatus } from '../model.ts';
import { t } from '../say.ts';

const OVER: ReadonlySet<OrderStatus> = new Set(['REJECTED', 'CANCELLED']);

export function Status({ of }: { of: OrderStatus }): ReactNode {
  return (
    <span className={`co-status ${OVER.has(of) ? 'co-status--pending' : ''}`} data-status={of}>
      {t(of)}
    </span>
  );
}

/** How things stand with an order that the server has not got. */
export function Pending({ words }: { words: string }): ReactNode {
  return <span className="co-status co-status--pending">{words}</span>;
}
