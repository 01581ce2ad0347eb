import { type ReactNode, useEffect, useRef } from 'react';
import type { Command, Failure } from '../basket-store.ts';
import { t } from '../say.ts';
import { useObserved, useSession } from '../session.ts';
import { Tick } from './art.tsx';

/**
 * Word of what was just added, or why it was not. A popover, because the header it stands in scrolls away on small
 * screens; said by a live region that is always there, because one that appears with its text is often not read out.
 */
export function Toast(): ReactNode {
  const { basket, added } = useSession();
  const notice = useObserved(added);
  const { failure } = useObserved(basket);
  const refused = failure?.command?.change.kind === 'add' ? failure : null;
  const text = refused ? refused.refusal.message : notice;
  const close = () => (refused ? basket.dismiss() : added.dismiss());
  return (
    <>
      <p className="p-visually-hidden" aria-live="polite">
        {text}
      </p>
      {text && (
        <Popover kind={refused ? 'danger' : 'success'}>
          {!refused && <Tick size={20} />}
          <p>{text}</p>
          {refused ? <WayOn failure={refused} /> : <a href="/basket">{t('seeBasket')}</a>}
          <button type="button" className="co-toast__close" onClick={close} aria-label={t('dismiss')}>
            <span aria-hidden="true">×</span>
          </button>
        </Popover>
      )}
    </>
  );
}

function Popover({ kind, children }: { kind: 'danger' | 'success'; children: ReactNode }): ReactNode {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => element.current?.showPopover(), []);
  return (
    <div ref={element} popover="manual" className="p-notice co-toast" data-kind={kind}>
      {children}
    </div>
  );
}

function WayOn({ failure }: { failure: Failure }): ReactNode {
  const { basket, added } = useSession();
  if (failure.refusal.code === 'other-restaurant' && failure.command) {
    const change = anew(failure.command);
    const startAnew = () => basket.change(change).then(() => added.show(t('startedAnew')), shown);
    return <Action text={t('startAnew')} go={startAnew} />;
  }
  return failure.refusal.outcome === 'unknown' ? <Action text={t('tryAgain')} go={() => basket.retry()} /> : null;
}

function Action({ text, go }: { text: string; go: () => void }): ReactNode {
  return (
    <button type="button" className="co-link" onClick={go}>
      {text}
    </button>
  );
}

function anew({ change }: Command): Command['change'] {
  return change.kind === 'add' ? { ...change, fresh: true } : change;
}

function shown(): void {
  // The store keeps the failure; the toast shows it.
}
