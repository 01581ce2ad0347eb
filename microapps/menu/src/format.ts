/** Amounts and numbers in the page's language. */
import { locale as language } from '@portico/sdk/i18n';
import type { Money } from './model.ts';
import { counted } from './say.ts';

/** "€9.50" for 950 EUR; knows that some currencies have no minor unit. */
export function price({ amount, currency }: Money, locale: string = language()): string {
  const format = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** "4.8" for 48 tenths. */
export function stars(tenths: number, locale: string = language()): string {
  return new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(tenths / 10);
}

/** "25–35 min". */
export function minutes([from, to]: readonly [number, number], locale: string = language()): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute' }).formatRange(from, to);
}

/** "1 restaurant", "12 restaurants", "12+ restaurants" when there are more. */
export function count(shown: number, more: boolean): string {
  return counted(more ? 'foundMore' : 'found', { count: shown });
}
