import type { JSX } from 'preact';
import type { RoundStore } from '../round-store.ts';
import { t } from '../say.ts';
import type { Waiting } from '../waiting.ts';

interface Props {
  readonly store: RoundStore;
  readonly trouble: Waiting;
}

/** A step that the server did not take: says why, and the way on. */
export function JobTrouble({ store, trouble }: Props): JSX.Element {
  return (
    <div class="p-notice courier-job__trouble" data-kind="danger" role="alert">
      <p>{wordsOf(trouble)}</p>
      <button type="button" class="p-button p-button--quiet" onClick={() => void store.giveUp(trouble)}>
        {t('asItIs')}
      </button>
    </div>
  );
}

function wordsOf({ state, step, why }: Waiting): string {
  const what = { step: t(step === 'pickUp' ? 'pickUpNot' : 'deliverNot') };
  return state === 'conflict' ? t('conflict', what) : t('refused', { ...what, why: why ?? '' }).trim();
}
