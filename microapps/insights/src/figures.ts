/** What each chart shows, as data: the chart and the table beside it are made of the same. */
import { amount, day, major, number } from './format.ts';
import type { Money, Numbers, Report } from './model.ts';
import { t } from './say.ts';

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** The values as people read them. */
  readonly words: readonly string[];
}

export interface Figure {
  readonly key: string;
  readonly title: string;
  readonly kind: 'bar' | 'line';
  /** What the labels are. */
  readonly of: string;
  readonly labels: readonly string[];
  readonly series: readonly Series[];
}

const MINUTES = ['minutesToAccept', 'minutesToReady', 'minutesToDeliver'] as const;
const REASONS = ['rejected', 'expired', 'payment-failed'] as const;

/** The reason in words; one that this page does not know yet is shown as it is told. */
export function reason(name: string): string {
  return (REASONS as readonly string[]).includes(name) ? t(name as (typeof REASONS)[number]) : t('unknown');
}

export function figures({ days, total }: Report): readonly Figure[] {
  const labels = days.map(({ day: date }) => day(date));
  const series = (label: string, of: (numbers: Numbers) => number | null, word = plain): Series => {
    const values = days.map(({ numbers }) => of(numbers));
    return { label, values, words: values.map((value) => word(value)) };
  };
  const currency = total.revenue[0]?.currency ?? 'EUR';
  const sum = (of: readonly Money[]): number => major(of.find((one) => one.currency === currency)) ?? 0;
  const money = (value: number | null): string => amount(value ?? 0, currency);
  const perDay = { of: t('day'), labels };
  const cancelled = ({ cancelled }: Numbers): number => Object.values(cancelled).reduce((sum, count) => sum + count, 0);
  return [
    {
      ...perDay,
      key: 'orders',
      title: t('orders'),
      kind: 'bar',
      series: [
        series(t('orders'), ({ orders }) => orders),
        series(t('cancelled'), cancelled),
        series(t('failedPayments'), ({ failedPayments }) => failedPayments ?? 0),
      ],
    },
    {
      ...perDay,
      key: 'revenue',
      title: t('revenue'),
      kind: 'bar',
      series: [
        series(t('revenue'), ({ revenue }) => sum(revenue), money),
        series(t('refunded'), ({ refunded }) => sum(refunded ?? []), money),
      ],
    },
    {
      ...perDay,
      key: 'minutes',
      title: t('minutes'),
      kind: 'line',
      series: MINUTES.map((name) => series(t(name), (numbers) => numbers[name])),
    },
    { ...perDay, key: 'stars', title: t('stars'), kind: 'line', series: [series(t('stars'), ({ stars }) => stars)] },
    byReason(total),
  ];
}

function byReason({ cancelled }: Numbers): Figure {
  const names = Object.keys(cancelled);
  const values = names.map((name) => cancelled[name] ?? 0);
  const series = [{ label: t('count'), values, words: values.map(plain) }];
  const labels = names.map(reason);
  return { key: 'cancelled', title: t('cancelledBy'), kind: 'bar', of: t('reason'), labels, series };
}

function plain(value: number | null): string {
  return number(value, t('none'));
}
