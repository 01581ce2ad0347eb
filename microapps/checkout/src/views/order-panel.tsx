import type { ReactNode } from 'react';
import { money } from '../format.ts';
import { stuckOf } from '../kept.ts';
import type { Basket } from '../model.ts';
import { useObserved, useSession } from '../session.ts';
import { Sums, Trouble } from './parts.tsx';

/** What it costs, and the button that places the order of `form`. */
export function OrderPanel({ basket, form }: { basket: Basket; form: string }): ReactNode {
  const session = useSession();
  const { placing, refusal } = useObserved(session.order);
  const { waiting } = useObserved(session.basket);
  const kept = useObserved(session.kept);
  const stuck = stuckOf(kept) !== null;
  const gone = basket.lines.some((line) => line.unitPrice === null);
  const blocked = placing || waiting > 0 || gone || stuck || basket.lines.length === 0;
  return (
    <aside className="p-card co-panel" aria-label="Summary">
      <Sums subtotal={basket.subtotal} delivery={basket.delivery} total={basket.total} stale={waiting > 0} />
      {kept.length > 0 && !stuck && <p className="co-muted">{SAVED}</p>}
      {gone && <p className="co-fault">Remove what is not on the menu any more to go on.</p>}
      <button
        type="submit"
        form={form}
        className="p-button co-panel__button"
        aria-disabled={blocked}
        onClick={(event) => blocked && event.preventDefault()}
      >
        {placing ? 'Placing your order…' : `Place order · ${money(basket.total)}`}
      </button>
      {refusal && <Trouble refusal={refusal} {...WORDS[refusal.outcome]} />}
    </aside>
  );
}

const SAVED = 'Saved on this device. The restaurant confirms the total when it is sent.';

const WORDS = {
  refused: { title: 'Your order was not placed' },
  unknown: {
    title: 'We do not know yet whether your order was placed',
    more: 'Placing it again with the same details cannot order twice.',
  },
} as const;
