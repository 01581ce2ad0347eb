/** Numbers and days in the page's language. */
import { locale as language } from '@portico/sdk/i18n';
import type { Money } from './model.ts';

/** "€9.50" for 950 minor units of EUR; "¥950" for 950 of JPY. */
export function money(of: Money, locale: string = language()): string {
  return amount(major(of) ?? 0, of.currency, locale);
}

/** 9.5 for 950 minor units of EUR: knows that some currencies have none. */
export function major(of: Money | undefined): number | undefined {
  if (!of) return undefined;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency: of.currency });
  return of.minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
}

/** "€9.50" for 9.5 EUR. */
export function amount(value: number, currency: string, locale: string = language()): string {
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(value);
}

/** "4.5"; the words for nothing where there is none. */
export function number(value: number | null, nothing: string, locale: string = language()): string {
  return value === null ? nothing : new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value);
}

/** "1 Mar" for "2026-03-01". */
export function day(date: string, locale: string = language()): string {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(new Date(date));
}
