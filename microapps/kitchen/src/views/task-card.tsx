import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { age, clock, portions, shortNumber } from '../format.ts';
import { nextStep, type Reason } from '../model.ts';
import { LIST } from '../parts.ts';
import type { QueueStore } from '../queue-store.ts';
import { t } from '../say.ts';
import type { Shown } from '../waiting.ts';
import { Rejection } from './rejection.tsx';
import { TaskTrouble } from './task-trouble.tsx';

interface Props {
  readonly store: QueueStore;
  readonly task: Shown;
  readonly now: number;
  /** Called before the card goes, so that the focus does not go with it. */
  readonly leave: () => void;
}

/** One order, and the one thing to be done with it next. */
export function TaskCard({ store, task, now, leave }: Props): JSX.Element {
  const { id, customer, status, placedAt } = task;
  return (
    <article class="p-card kitchen-task" data-status={status} aria-labelledby={`kitchen-${id}`}>
      <header class="kitchen-task__head">
        <h2 id={`kitchen-${id}`} class="kitchen-task__name" dir="auto">
          {customer}
        </h2>
        <p class="kitchen-task__number">
          <span class="p-visually-hidden">{t('order')} </span>
          {shortNumber(id)}
        </p>
      </header>
      <p class="kitchen-task__facts">
        <span class="kitchen-status" data-status={status}>
          {t(status)}
        </span>
        <time dateTime={placedAt} title={clock(placedAt)}>
          {age(placedAt, now)}
        </time>
        <span>{portions(task.count)}</span>
      </p>
      <Lines task={task} />
      {task.note && (
        <p class="kitchen-task__note" dir="auto">
          <span class="p-visually-hidden">{t('note')} </span>
          {task.note}
        </p>
      )}
      {task.pending && <p class="kitchen-task__pending">{t('saved')}</p>}
      {task.trouble ? (
        <TaskTrouble store={store} trouble={task.trouble} />
      ) : (
        <Ways store={store} task={task} leave={leave} />
      )}
    </article>
  );
}

function Lines({ task }: { readonly task: Shown }): JSX.Element {
  return (
    <ul class="kitchen-task__lines" {...LIST}>
      {task.lines.map(({ name, quantity }, index) => (
        <li key={index}>
          <span class="kitchen-task__times">{quantity} ×</span> <span dir="auto">{name}</span>
        </li>
      ))}
    </ul>
  );
}

/** What can be done next, and, for what is new, the way to turn it down. */
function Ways({ store, task, leave }: Omit<Props, 'now'>): JSX.Element | null {
  const [asking, setAsking] = useState(false);
  const step = nextStep(task);
  if (!step) return null;
  const take = (event: MouseEvent): void => {
    // The second half of a double click is not the next step.
    if (event.detail > 1) return;
    if (step === 'ready') leave();
    void store.take(step, task);
  };
  const reject = (reason: Reason): void => {
    leave();
    void store.take('reject', task, reason);
  };
  if (asking && step === 'accept') return <Rejection task={task} reject={reject} keep={() => setAsking(false)} />;
  const whose = <span class="p-visually-hidden">{t('forCustomer', { customer: task.customer })}</span>;
  return (
    <div class="kitchen-task__ways">
      <button type="button" class={`p-button ${step === 'ready' ? 'kitchen-task__ready' : ''}`} onClick={take}>
        {t(step)}
        {whose}
      </button>
      {step === 'accept' && (
        <button type="button" class="p-button p-button--quiet" onClick={() => setAsking(true)}>
          {t('reject')}
          {whose}
        </button>
      )}
    </div>
  );
}
