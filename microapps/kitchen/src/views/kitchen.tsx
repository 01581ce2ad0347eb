import { NetworkError, ProblemError, SignedOutError, signIn } from '@portico/sdk';
import { h, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { LIST } from '../parts.ts';
import type { QueueStore } from '../queue-store.ts';
import { t } from '../say.ts';
import { useNow, useObserved } from '../use-observed.ts';
import type { ShownQueue } from '../waiting.ts';
import { Done } from './done.tsx';
import { TaskCard } from './task-card.tsx';

/** `/kitchen`: what is to be done, oldest first, and what was done last. */
export function Kitchen({ store }: { readonly store: QueueStore }): JSX.Element {
  const { shown, failure, news } = useObserved(store);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => store.start(), [store]);
  const restaurant = shown?.queue[0]?.restaurantName ?? shown?.done[0]?.restaurantName;

  return (
    <div class="kitchen">
      <header class="kitchen__head">
        <h1 ref={heading} tabIndex={-1}>
          {t('title')}
        </h1>
        <p class="kitchen__sub">
          {restaurant && <span dir="auto">{restaurant}</span>}
          {h('portico-as-of', { app: 'kitchen' })}
        </p>
      </header>
      <p key={news.count} class={news.bad ? 'p-notice' : 'p-visually-hidden'} data-kind="danger" role="status">
        {news.text}
      </p>
      {!shown && failure !== undefined && <Trouble failure={failure} retry={() => void store.load()} />}
      {!shown && failure === undefined && <Bones />}
      {shown && <Work store={store} shown={shown} leave={() => heading.current?.focus()} />}
    </div>
  );
}

interface WorkProps {
  readonly store: QueueStore;
  readonly shown: ShownQueue;
  /** Called when what had the focus is about to go. */
  readonly leave: () => void;
}

function Work({ store, shown, leave }: WorkProps): JSX.Element {
  const now = useNow();
  return (
    <>
      <section aria-label={t('todo')}>
        {shown.queue.length === 0 ? (
          <Nothing />
        ) : (
          <ul class="kitchen__tasks" {...LIST}>
            {shown.queue.map((task) => (
              <li key={task.id}>
                <TaskCard store={store} task={task} now={now} leave={leave} />
              </li>
            ))}
          </ul>
        )}
      </section>
      {shown.done.length > 0 && <Done store={store} tasks={shown.done} />}
    </>
  );
}

function Nothing(): JSX.Element {
  return (
    <div class="kitchen__nothing">
      <p class="kitchen__nothing-title">{t('nothing')}</p>
      <p>{t('nothingText')}</p>
    </div>
  );
}

function Bones(): JSX.Element {
  return (
    <div role="status">
      <span class="p-visually-hidden">{t('fetching')}</span>
      <div class="kitchen__tasks" aria-hidden="true">
        {[0, 1, 2].map((index) => (
          <div key={index} class="p-skeleton kitchen__bone" />
        ))}
      </div>
    </div>
  );
}

function Trouble({ failure, retry }: { readonly failure: unknown; readonly retry: () => void }): JSX.Element {
  const signedOut = failure instanceof SignedOutError;
  return (
    <div class="p-notice kitchen__trouble" data-kind="danger" role="alert">
      <p>
        <strong>{t('notFetched')}</strong> {reason(failure)}
      </p>
      <button type="button" class="p-button p-button--quiet" onClick={signedOut ? () => signIn() : retry}>
        {t(signedOut ? 'signIn' : 'tryAgain')}
      </button>
    </div>
  );
}

function reason(failure: unknown): string {
  if (failure instanceof SignedOutError) return t('signedOut');
  const offline = failure instanceof ProblemError && failure.code === 'offline';
  if (failure instanceof NetworkError || offline) return t('noConnection');
  return t('ourMistake');
}
