import type { ReactNode } from 'react';
import { money } from '../format.ts';
import { stuckOf } from '../kept.ts';
import type { Basket } from '../model.ts';
import type { Refusal } from '../refusal.ts';
import { t } from '../say.ts';
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
    <aside className="p-card co-panel" aria-label={t('summary')}>
      <Sums subtotal={basket.subtotal} delivery={basket.delivery} total={basket.total} stale={waiting > 0} />
      {kept.length > 0 && !stuck && <p className="co-muted">{t('savedTotal')}</p>}
      {gone && <p className="co-fault">{t('removeFirst')}</p>}
      <button
        type="submit"
        form={form}
        className="p-button co-panel__button"
        aria-disabled={blocked}
        onClick={(event) => blocked && event.preventDefault()}
      >
        {placing ? t('placing') : t('place', { total: money(basket.total) })}
      </button>
      {refusal && <Trouble refusal={refusal} {...wordsOf(refusal)} />}
    </aside>
  );
}

function wordsOf({ outcome }: Refusal): { title: string; more?: string } {
  if (outcome === 'refused') return { title: t('notPlacedTitle') };
  return { title: t('unknownTitle'), more: t('unknownMore') };
}
