/** Amounts and dates in the page's language. */
import { locale as language } from '@portico/sdk/i18n';

/** "€9.50" for 950 minor units of EUR. */
export function money({ minor, currency }: { minor: number; currency: string }, locale: string = language()): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** "1 Mar 2026", in the person's time zone. */
export function day(iso: string, locale: string = language()): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(iso));
}
