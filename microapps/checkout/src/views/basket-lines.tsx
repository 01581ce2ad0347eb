import type { MouseEvent, ReactNode } from 'react';
import { MAX_QUANTITY } from '../limits.ts';
import type { BasketLine } from '../model.ts';
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
        <h2 id="co-lines-title">Dishes</h2>
        <button type="button" className="co-link" onClick={clear}>
          Empty the basket
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
        <span className="co-muted">
          {line.unitPrice ? (
            <>
              <Amount of={line.unitPrice} /> each
            </>
          ) : (
            'Not on the menu any more'
          )}
        </span>
      </div>
      {line.unitPrice && <Stepper line={line} />}
      <div className="co-line__sum">
        {line.total && <Amount of={line.total} />}
        <button type="button" className="co-link" onClick={remove} aria-label={`Remove ${line.name}`}>
          Remove
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
    <div className="co-stepper" role="group" aria-label={`How many ${line.name}`}>
      <Step sign="−" label={`One less ${line.name}`} off={line.quantity <= 1} go={() => change(line.quantity - 1)} />
      <output>{line.quantity}</output>
      <Step
        sign="+"
        label={`One more ${line.name}`}
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
