/** Amounts and dates in the page's language. */
import { locale as language } from '@portico/sdk/i18n';
import type { Money } from './model.ts';
import { t } from './say.ts';

/** "€12.50" for 1250 minor units of EUR; knows that some currencies have no cents. */
export function money(amount: Money, locale: string = language()): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency: amount.currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount.minor / 10 ** digits);
}

/** "1 Mar 2026, 19:30", in the person's time zone unless one is given. */
export function moment(iso: string, locale: string = language(), timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', ...zone }).format(new Date(iso));
}

/** "1 dish", "3 dishes". */
export function dishes(count: number): string {
  return t('dishes', { count });
}
