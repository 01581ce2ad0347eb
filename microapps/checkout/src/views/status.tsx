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
