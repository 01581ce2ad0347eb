/** Small pieces every page of checkout uses. */
import type { ReactNode } from 'react';
import { money } from '../format.ts';
import type { Money } from '../model.ts';
import type { Refusal } from '../refusal.ts';
import { t } from '../say.ts';

export function Amount({ of, stale = false }: { of: Money; stale?: boolean }): ReactNode {
  return (
    <span className="co-amount" data-stale={stale || undefined}>
      {money(of)}
    </span>
  );
}

/** From when the data are, where they are not fresh; the platform's element. */
export function AsOf(): ReactNode {
  return <portico-as-of class="co-muted" app="checkout" />;
}

/** A list without bullets. Said to be one, because Safari takes the role away from a list that has none. */
export function Plain({ className, children }: { className: string; children: ReactNode }): ReactNode {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <ul role="list" className={className}>
      {children}
    </ul>
  );
}

/** Says what went wrong at once (role alert), and offers the way on. */
export function Trouble(props: {
  refusal: Refusal;
  retry?: (() => void) | undefined;
  title?: string;
  more?: string;
}): ReactNode {
  return (
    <div className="p-notice co-trouble" data-kind="danger" role="alert">
      <div>
        {props.title && <strong>{props.title}</strong>}
        <p>
          {props.refusal.message} {props.more}
        </p>
      </div>
      {props.retry && (
        <button type="button" className="p-button p-button--quiet" onClick={props.retry}>
          {t('tryAgain')}
        </button>
      )}
    </div>
  );
}

/** Grey lines where content will be; the words are for those who do not see them. */
export function Skeleton({ rows, label }: { rows: number; label: string }): ReactNode {
  return (
    <div className="p-card co-skeleton" role="status">
      <span className="p-visually-hidden">{label}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={row} className="co-skeleton__row" aria-hidden="true">
          <span className="p-skeleton" />
          <span className="p-skeleton" />
        </div>
      ))}
    </div>
  );
}

export function Sums(props: { subtotal: Money; delivery: Money; total: Money; stale?: boolean }): ReactNode {
  const stale = props.stale ?? false;
  return (
    <dl className="co-sums" aria-busy={stale}>
      <div>
        <dt>{t('sumDishes')}</dt>
        <dd>
          <Amount of={props.subtotal} stale={stale} />
        </dd>
      </div>
      <div>
        <dt>{t('delivery')}</dt>
        <dd>{props.delivery.minor === 0 ? t('free') : <Amount of={props.delivery} stale={stale} />}</dd>
      </div>
      <div className="co-sums__total">
        <dt>{t('total')}</dt>
        <dd>
          <Amount of={props.total} stale={stale} />
        </dd>
      </div>
    </dl>
  );
}
