import type { JSX } from 'preact';
import type { QueueStore } from '../queue-store.ts';
import { t } from '../say.ts';
import type { Waiting } from '../waiting.ts';

/** A step that the server did not take: says why, and the way on. */
export function TaskTrouble({
  store,
  trouble,
}: {
  readonly store: QueueStore;
  readonly trouble: Waiting;
}): JSX.Element {
  return (
    <div class="p-notice kitchen-task__trouble" data-kind="danger" role="alert">
      <p>{wordsOf(trouble)}</p>
      <button type="button" class="p-button p-button--quiet" onClick={() => void store.giveUp(trouble)}>
        {t('asItIs')}
      </button>
    </div>
  );
}

const NOT = { accept: 'acceptedNot', ready: 'readyNot', reject: 'rejectedNot' } as const;

function wordsOf({ state, step, why }: Waiting): string {
  const what = { step: t(NOT[step]) };
  return state === 'conflict' ? t('conflict', what) : t('refused', { ...what, why: why ?? '' }).trim();
}
