import type { JSX } from 'preact';
import type { QueueStore } from '../queue-store.ts';
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
        Show it as it is
      </button>
    </div>
  );
}

function wordsOf({ state, step, why }: Waiting): string {
  const what = step === 'accept' ? 'Accepting it' : 'Marking it as ready';
  if (state === 'conflict') return `${what} did not count: somebody else changed this order meanwhile.`;
  return `${what} was refused. ${why ?? ''}`.trim();
}
