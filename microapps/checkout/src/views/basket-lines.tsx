import type { MouseEvent, ReactNode } from 'react';
import { money } from '../format.ts';
import { MAX_QUANTITY } from '../limits.ts';
import type { BasketLine } from '../model.ts';
import { t } from '../say.ts';
import { useSession } from '../session.ts';
import { Amount, Plain } from './parts.tsx';
import { focusHeading } from './view.tsx';

/** The dishes, each with a stepper and a way out. */
export function BasketLines({ lines }: { lines: readonly BasketLine[] }): ReactNode {
  const { basket } = useSession();
  const clear = (event: MouseEvent<HTMLElement>) => {
    focusHeading(event.currentTarget);
    basket.change({ kind: 'clear' }).catch(shown);
  };
  return (
    <section className="p-card co-lines" aria-labelledby="co-lines-title">
      <header className="co-lines__head">
        <h2 id="co-lines-title">{t('dishesTitle')}</h2>
        <button type="button" className="co-link" onClick={clear}>
          {t('clear')}
        </button>
      </header>
      <Plain className="co-lines__list">
        {lines.map((line) => (
          <Line key={line.dishId} line={line} />
        ))}
      </Plain>
    </section>
  );
}

function Line({ line }: { line: BasketLine }): ReactNode {
  const { basket } = useSession();
  const { dishId } = line;
  const remove = (event: MouseEvent<HTMLElement>) => {
    focusHeading(event.currentTarget);
    basket.change({ kind: 'remove', dishId }).catch(shown);
  };
  return (
    <li className="co-line">
      <div className="co-line__what">
        <span className="co-line__name">{line.name}</span>
        <span className="co-muted">{line.unitPrice ? t('each', { price: money(line.unitPrice) }) : t('notSold')}</span>
      </div>
      {line.unitPrice && <Stepper line={line} />}
      <div className="co-line__sum">
        {line.total && <Amount of={line.total} />}
        <button type="button" className="co-link" onClick={remove} aria-label={t('removeDish', { dish: line.name })}>
          {t('remove')}
        </button>
      </div>
    </li>
  );
}

function Stepper({ line }: { line: BasketLine }): ReactNode {
  const { basket } = useSession();
  const change = (quantity: number) => basket.change({ kind: 'quantity', dishId: line.dishId, quantity }).catch(shown);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset needs a legend on the screen
    <div className="co-stepper" role="group" aria-label={t('howMany', { dish: line.name })}>
      <Step
        sign="−"
        label={t('oneLess', { dish: line.name })}
        off={line.quantity <= 1}
        go={() => change(line.quantity - 1)}
      />
      <output>{line.quantity}</output>
      <Step
        sign="+"
        label={t('oneMore', { dish: line.name })}
        off={line.quantity >= MAX_QUANTITY}
        go={() => change(line.quantity + 1)}
      />
    </div>
  );
}

/** Stays focusable when there is nowhere to step, so that the keyboard does not lose its place. */
function Step({ sign, label, off, go }: { sign: string; label: string; off: boolean; go: () => void }): ReactNode {
  return (
    <button type="button" aria-label={label} aria-disabled={off} onClick={() => off || go()}>
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}

function shown(): void {
  // The store keeps the failure; the page shows it.
}
