import { type ReactNode, useState } from 'react';
import type { Kept } from '../kept.ts';
import { t } from '../say.ts';
import { useSession } from '../session.ts';

/** Something saved earlier was not taken when it was sent, and holds up what came after it: says what, why, and the way on. */
export function Stuck({ kept: { key, describe, why, order } }: { kept: Kept }): ReactNode {
  return (
    <div className="p-notice co-trouble" data-kind="danger" role="alert">
      <div>
        <strong>{t(order ? 'notPlacedTitle' : 'stuckTitle')}</strong>
        <p>{t('stuckText', { change: describe, why })}</p>
      </div>
      <GiveUp of={key} label={t(order ? 'backToBasket' : 'leaveOut')} />
    </div>
  );
}

/** Gives a kept command up; says so when that does not work. */
export function GiveUp(props: { of: string; label: string; then?: (() => void) | undefined }): ReactNode {
  const { kept } = useSession();
  const [failed, setFailed] = useState(false);
  const giveUp = () =>
    kept.giveUp(props.of).then(
      () => props.then?.(),
      () => setFailed(true),
    );
  return (
    <>
      <button type="button" className="p-button p-button--quiet" onClick={giveUp}>
        {props.label}
      </button>
      {failed && <p className="co-fault">{t('didNotWork')}</p>}
    </>
  );
}
