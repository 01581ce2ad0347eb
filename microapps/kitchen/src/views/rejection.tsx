import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { REASONS, type Reason, type Task } from '../model.ts';
import { t } from '../say.ts';

interface Props {
  readonly task: Pick<Task, 'id' | 'customer'>;
  readonly reject: (reason: Reason) => void;
  readonly keep: () => void;
}

/** Asks why an order is rejected; the customer is told, so there is no rejecting without. */
export function Rejection({ task: { id, customer }, reject, keep }: Props): JSX.Element {
  const [reason, setReason] = useState<Reason>(REASONS[0]);
  const group = useRef<HTMLFieldSetElement>(null);
  useEffect(() => group.current?.querySelector('input')?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    reject(reason);
  };
  return (
    <form class="kitchen-reject" onSubmit={submit} onKeyDown={({ key }) => key === 'Escape' && keep()}>
      <fieldset ref={group} class="kitchen-reject__reasons">
        <legend>{t('rejectTitle')}</legend>
        {REASONS.map((one) => (
          <label key={one} class="kitchen-reject__reason">
            <input type="radio" name={`kitchen-${id}`} checked={one === reason} onChange={() => setReason(one)} />
            <span>{t(one)}</span>
          </label>
        ))}
      </fieldset>
      <p class="kitchen-reject__text">{t('rejectText', { customer })}</p>
      <div class="kitchen-task__ways">
        <button type="submit" class="p-button">
          {t('rejectNow')}
        </button>
        <button type="button" class="p-button p-button--quiet" onClick={keep}>
          {t('keep')}
        </button>
      </div>
    </form>
  );
}
