import { NetworkError, ProblemError, SignedOutError, signIn } from '@portico/sdk';
import { createElement, type ReactNode, useMemo, useState } from 'react';
import { ChartWithTable } from './chart.tsx';
import { figures } from './figures.ts';
import { money, number } from './format.ts';
import type { Asked, InsightsApi, Numbers, Places } from './model.ts';
import { t } from './say.ts';
import { useLoaded } from './use-loaded.ts';

const TIMES = [7, 30, 90] as const;

/** `/insights`: how a restaurant has done. */
export function Page({ api }: { readonly api: InsightsApi }): ReactNode {
  const [asked, ask] = useState<Asked>({ restaurant: '', days: 30 });
  const places = useLoaded('places', (signal) => api.places(signal));
  const report = useLoaded(`${asked.restaurant} ${asked.days}`, (signal) => api.report(asked, signal));
  const shown = useMemo(() => report.value && figures(report.value), [report.value]);
  return (
    <div className="insights">
      <header className="insights__head">
        <h1 tabIndex={-1}>{t('title')}</h1>
        {createElement('portico-as-of', { app: 'insights' })}
      </header>
      <Choice places={places.value} asked={asked} ask={ask} />
      {report.failure !== undefined && <Trouble failure={report.failure} retry={report.retry} />}
      {!shown && report.failure === undefined && <Bones />}
      {report.value && <Total of={report.value.total} />}
      {shown && (
        <div className="insights__figures">
          {shown.map((figure) => (
            <ChartWithTable key={figure.key} figure={figure} />
          ))}
        </div>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly places: Places | undefined;
  readonly asked: Asked;
  readonly ask: (asked: Asked) => void;
}

function Choice({ places, asked, ask }: ChoiceProps): ReactNode {
  return (
    <div className="insights__choice">
      {places?.all && (
        <div className="p-field">
          <label htmlFor="insights-restaurant">{t('restaurant')}</label>
          <select
            id="insights-restaurant"
            className="p-input"
            value={asked.restaurant}
            onChange={({ target }) => ask({ ...asked, restaurant: target.value })}
          >
            <option value="">{t('all')}</option>
            {places.items.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
      <div className="p-field">
        <label htmlFor="insights-days">{t('days')}</label>
        <select
          id="insights-days"
          className="p-input"
          value={asked.days}
          onChange={({ target }) => ask({ ...asked, days: Number(target.value) })}
        >
          {TIMES.map((count) => (
            <option key={count} value={count}>
              {t('lastDays', { count })}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

function Total({ of }: { readonly of: Numbers }): ReactNode {
  const cancelled = Object.values(of.cancelled).reduce((sum, count) => sum + count, 0);
  const facts = [
    [t('orders'), number(of.orders, t('none'))],
    [t('revenue'), of.revenue.map((one) => money(one)).join(' + ') || t('none')],
    [t('refunded'), (of.refunded ?? []).map((one) => money(one)).join(' + ') || t('none')],
    [t('cancelled'), number(cancelled, t('none'))],
    [t('failedPayments'), number(of.failedPayments ?? 0, t('none'))],
    [t('stars'), number(of.stars, t('none'))],
  ] as const;
  return (
    <section aria-label={t('total')}>
      <dl className="insights__total">
        {facts.map(([name, value]) => (
          <div key={name} className="p-card">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Bones(): ReactNode {
  return (
    <div role="status">
      <span className="p-visually-hidden">{t('fetching')}</span>
      <div className="p-skeleton insights__bone" aria-hidden="true" />
    </div>
  );
}

function Trouble({ failure, retry }: { readonly failure: unknown; readonly retry: () => void }): ReactNode {
  const signedOut = failure instanceof SignedOutError;
  return (
    <div className="p-notice" data-kind="danger" role="alert">
      <p>
        <strong>{t('notFetched')}</strong> {why(failure)}
      </p>
      <button type="button" className="p-button p-button--quiet" onClick={signedOut ? () => signIn() : retry}>
        {signedOut ? t('signIn') : t('tryAgain')}
      </button>
    </div>
  );
}

function why(failure: unknown): string {
  if (failure instanceof SignedOutError) return t('signedOut');
  const offline = failure instanceof ProblemError && failure.code === 'offline';
  return failure instanceof NetworkError || offline ? t('noConnection') : t('ourMistake');
}
