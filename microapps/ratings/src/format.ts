/** Numbers and dates in the page's language. */
import { locale as language } from '@portico/sdk/i18n';

/** "4.8" for 48 tenths. */
export function tenths(value: number, locale: string = language()): string {
  return new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value / 10);
}

/** "1 Mar 2026", in the person's time zone unless one is given. */
export function day(iso: string, locale: string = language(), timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', ...zone }).format(new Date(iso));
}

/** "★★★★☆": the words beside it say the same. */
export function picture(stars: number): string {
  return '★'.repeat(stars) + '☆'.repeat(5 - stars);
}
