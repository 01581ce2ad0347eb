/** Amounts and times in the page's language. */
import { locale as language } from '@portico/sdk/i18n';
import type { Money } from './model.ts';

/** "€12.50" for 1250 minor units of EUR; knows that some currencies have no cents. */
export function money({ minor, currency }: Money, locale: string = language()): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** "7:30 PM" today, "Mar 1, 7:30 PM" on another day; in the person's time zone unless one is given. */
export function moment(iso: string, now: number, locale: string = language(), timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  const day = (date: Date | number): string =>
    new Intl.DateTimeFormat('en', { dateStyle: 'short', ...zone }).format(date);
  const at = new Date(iso);
  const shape = day(at) === day(now) ? {} : ({ month: 'short', day: 'numeric' } as const);
  return new Intl.DateTimeFormat(locale, { ...shape, hour: 'numeric', minute: '2-digit', ...zone }).format(at);
}
