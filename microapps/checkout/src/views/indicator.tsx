import { type ReactNode, useEffect } from 'react';
import { carryOut } from '../addition.ts';
import { t } from '../say.ts';
import { useObserved, useSession } from '../session.ts';
import { Bag } from './art.tsx';
import { Toast } from './toast.tsx';

/** In the header: how much is in the basket, the way to it, and word of what was just added. */
export function Indicator(): ReactNode {
  const session = useSession();
  const { basket: store } = session;
  const { basket } = useObserved(store);
  useEffect(() => void store.load(), [store]);
  useEffect(() => session.additions((addition) => carryOut(session, addition)), [session]);
  const count = basket?.count ?? 0;
  // Before it was read, and where it cannot be, nothing is said of what is in it.
  const empty = basket ? t('basketEmpty') : t('basketLink');
  return (
    <div className="co-indicator">
      <a className="co-indicator__link" href="/basket" aria-label={count ? t('basketWith', { count }) : empty}>
        <Bag size={24} />
        {count > 0 && (
          <span key={count} className="co-indicator__count" aria-hidden="true">
            {count}
          </span>
        )}
      </a>
      <Toast />
    </div>
  );
}
