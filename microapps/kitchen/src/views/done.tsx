import type { JSX } from 'preact';
import { clock, portions, shortNumber } from '../format.ts';
import { LIST } from '../parts.ts';
import type { QueueStore } from '../queue-store.ts';
import { t } from '../say.ts';
import type { Shown } from '../waiting.ts';
import { TaskTrouble } from './task-trouble.tsx';

interface Props {
  readonly store: QueueStore;
  readonly tasks: readonly Shown[];
}

/** What is ready to go, newest first. */
export function Done({ store, tasks }: Props): JSX.Element {
  return (
    <section class="kitchen-done" aria-labelledby="kitchen-done">
      <h2 id="kitchen-done">{t('done')}</h2>
      <ul class="kitchen-done__list" {...LIST}>
        {tasks.map((task) => (
          <li key={task.id} class="kitchen-done__task">
            <span class="kitchen-done__number">{shortNumber(task.id)}</span>
            <span class="kitchen-done__name" dir="auto">
              {task.customer}
            </span>
            <span class="kitchen-done__facts">
              {portions(task.count)} · <time dateTime={task.placedAt}>{clock(task.placedAt)}</time>
            </span>
            {task.pending && <span class="kitchen-done__facts">{t('saved')}</span>}
            {task.trouble && <TaskTrouble store={store} trouble={task.trouble} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
