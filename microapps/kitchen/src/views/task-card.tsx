import type { JSX } from 'preact';
import { age, clock, portions, shortNumber } from '../format.ts';
import { nextStep, type Step, type TaskStatus } from '../model.ts';
import { LIST } from '../parts.ts';
import type { QueueStore } from '../queue-store.ts';
import type { Shown } from '../waiting.ts';
import { TaskTrouble } from './task-trouble.tsx';

const STATUS: Readonly<Record<TaskStatus, string>> = { NEW: 'New', ACCEPTED: 'Accepted', READY: 'Ready' };
const STEP: Readonly<Record<Step, string>> = { accept: 'Accept', ready: 'Ready' };

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
          <span class="p-visually-hidden">Order </span>
          {shortNumber(id)}
        </p>
      </header>
      <p class="kitchen-task__facts">
        <span class="kitchen-status" data-status={status}>
          {STATUS[status]}
        </span>
        <time dateTime={placedAt} title={clock(placedAt)}>
          {age(placedAt, now)}
        </time>
        <span>{portions(task.count)}</span>
      </p>
      <Lines task={task} />
      {task.note && (
        <p class="kitchen-task__note" dir="auto">
          <span class="p-visually-hidden">Note: </span>
          {task.note}
        </p>
      )}
      {task.pending && <p class="kitchen-task__pending">Saved on this device, not confirmed yet</p>}
      {task.trouble ? (
        <TaskTrouble store={store} trouble={task.trouble} />
      ) : (
        <StepButton store={store} task={task} leave={leave} />
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

function StepButton({ store, task, leave }: Omit<Props, 'now'>): JSX.Element | null {
  const step = nextStep(task);
  if (!step) return null;
  const take = (event: MouseEvent): void => {
    // The second half of a double click is not the next step.
    if (event.detail > 1) return;
    if (step === 'ready') leave();
    void store.take(step, task);
  };
  return (
    <button type="button" class={`p-button ${step === 'ready' ? 'kitchen-task__ready' : ''}`} onClick={take}>
      {STEP[step]}
      <span class="p-visually-hidden">{`: the order for ${task.customer}`}</span>
    </button>
  );
}
