import { NetworkError, ProblemError, SignedOutError, signIn } from '@portico/sdk';
import { h, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { portions, shortNumber } from '../format.ts';
import { LIST } from '../parts.ts';
import type { RoundStore } from '../round-store.ts';
import { t } from '../say.ts';
import { useNow, useObserved } from '../use-observed.ts';
import type { Shown, ShownRound } from '../waiting.ts';
import { JobCard } from './job-card.tsx';
import { JobTrouble } from './job-trouble.tsx';

/** `/courier`: what I have with me, what waits at restaurants, and what I brought last. */
export function Courier({ store }: { readonly store: RoundStore }): JSX.Element {
  const { shown, failure, news } = useObserved(store);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => store.start(), [store]);
  return (
    <div class="courier">
      <header class="courier__head">
        <h1 ref={heading} tabIndex={-1}>
          {t('title')}
        </h1>
        <p class="courier__sub">{h('portico-as-of', { app: 'courier' })}</p>
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
  readonly store: RoundStore;
  readonly shown: ShownRound;
  /** Called when what had the focus is about to go. */
  readonly leave: () => void;
}

function Work({ store, shown, leave }: WorkProps): JSX.Element {
  const now = useNow();
  const cards = (jobs: readonly Shown[]): JSX.Element => (
    <ul class="courier__jobs" {...LIST}>
      {jobs.map((job) => (
        <li key={job.id}>
          <JobCard store={store} job={job} now={now} leave={leave} />
        </li>
      ))}
    </ul>
  );
  return (
    <>
      {shown.withMe.length > 0 && (
        <section class="courier__part" aria-labelledby="courier-with-me">
          <h2 id="courier-with-me">{t('withMe')}</h2>
          {cards(shown.withMe)}
        </section>
      )}
      <section class="courier__part" aria-labelledby="courier-ready">
        <h2 id="courier-ready">{t('ready')}</h2>
        {shown.ready.length > 0 ? cards(shown.ready) : <Nothing />}
      </section>
      {shown.delivered.length > 0 && <Delivered store={store} jobs={shown.delivered} />}
    </>
  );
}

function Delivered({ store, jobs }: { readonly store: RoundStore; readonly jobs: readonly Shown[] }): JSX.Element {
  return (
    <section class="courier__part" aria-labelledby="courier-delivered">
      <h2 id="courier-delivered">{t('delivered')}</h2>
      <ul class="courier-done" {...LIST}>
        {jobs.map((job) => (
          <li key={job.id} class="courier-done__job">
            <span class="courier-job__number">{shortNumber(job.id)}</span>
            <strong dir="auto">{job.restaurantName}</strong>
            <span class="courier-done__facts">{portions(job.count)}</span>
            {job.pending && <span class="courier-done__facts">{t('saved')}</span>}
            {job.trouble && <JobTrouble store={store} trouble={job.trouble} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Nothing(): JSX.Element {
  return (
    <div class="courier__nothing">
      <p class="courier__nothing-title">{t('nothing')}</p>
      <p>{t('nothingText')}</p>
    </div>
  );
}

function Bones(): JSX.Element {
  return (
    <div role="status">
      <span class="p-visually-hidden">{t('fetching')}</span>
      <div class="courier__jobs" aria-hidden="true">
        {[0, 1, 2].map((index) => (
          <div key={index} class="p-skeleton courier__bone" />
        ))}
      </div>
    </div>
  );
}

function Trouble({ failure, retry }: { readonly failure: unknown; readonly retry: () => void }): JSX.Element {
  const signedOut = failure instanceof SignedOutError;
  return (
    <div class="p-notice courier__trouble" data-kind="danger" role="alert">
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
