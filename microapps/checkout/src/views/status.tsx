import type { ReactNode } from 'react';
import type { OrderStatus } from '../model.ts';

const WORDS: Record<OrderStatus, string> = { SUBMITTED: 'Placed', ACCEPTED: 'Being cooked', READY: 'Ready to go' };

export function Status({ of }: { of: OrderStatus }): ReactNode {
  return (
    <span className="co-status" data-status={of}>
      {WORDS[of]}
    </span>
  );
}

/** How things stand with an order that the server has not got. */
export function Pending({ words }: { words: string }): ReactNode {
  return <span className="co-status co-status--pending">{words}</span>;
}

export const NOT_SENT = 'Not sent yet';
export const NOT_PLACED = 'Not placed';
