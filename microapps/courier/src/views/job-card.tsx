import type { JSX } from 'preact';
import { age, clock, portions, shortNumber } from '../format.ts';
import { nextStep } from '../model.ts';
import type { RoundStore } from '../round-store.ts';
import { t } from '../say.ts';
import type { Shown } from '../waiting.ts';
import { JobTrouble } from './job-trouble.tsx';

interface Props {
  readonly store: RoundStore;
  readonly job: Shown;
  readonly now: number;
  /** Called before the card goes, so that the focus does not go with it. */
  readonly leave: () => void;
}

/** One order: where it is, where it goes, and the one thing to be done with it next. */
export function JobCard({ store, job, now, leave }: Props): JSX.Element {
  const { id, restaurantName, status, readyAt, to, note } = job;
  return (
    <article class="p-card courier-job" data-status={status} aria-labelledby={`courier-${id}`}>
      <header class="courier-job__head">
        <h3 id={`courier-${id}`} class="courier-job__name" dir="auto">
          {restaurantName}
        </h3>
        <p class="courier-job__number">
          <span class="p-visually-hidden">{t('order')} </span>
          {shortNumber(id)}
        </p>
      </header>
      <p class="courier-job__facts">
        {readyAt && status === 'READY' && (
          <time dateTime={readyAt} title={clock(readyAt)}>
            {t('since', { age: age(readyAt, now) })}
          </time>
        )}
        <span>{portions(job.count)}</span>
      </p>
      {to && (
        <address class="courier-job__to">
          <span class="p-visually-hidden">{t('to')} </span>
          <strong dir="auto">{to.name}</strong>
          <span dir="auto">{to.street}</span>
          <span dir="auto">
            {to.postalCode} {to.city}
          </span>
        </address>
      )}
      {note && (
        <p class="courier-job__note" dir="auto">
          <span class="p-visually-hidden">{t('note')} </span>
          {note}
        </p>
      )}
      {job.pending && <p class="courier-job__pending">{t('saved')}</p>}
      {job.trouble ? <JobTrouble store={store} trouble={job.trouble} /> : <StepButton {...{ store, job, leave }} />}
    </article>
  );
}

function StepButton({ store, job, leave }: Omit<Props, 'now'>): JSX.Element | null {
  const step = nextStep(job);
  if (!step) return null;
  const take = (event: MouseEvent): void => {
    // The second half of a double click is not the next step.
    if (event.detail > 1) return;
    leave();
    void store.take(step, job);
  };
  return (
    <button type="button" class={`p-button ${step === 'deliver' ? 'courier-job__deliver' : ''}`} onClick={take}>
      {t(step)}
      <span class="p-visually-hidden">{t('fromRestaurant', { restaurant: job.restaurantName })}</span>
    </button>
  );
}
