import { locale as language } from '../i18n/locale.ts';

/** A time of today as the person's clock shows it, with the day when it is another one. */
export function timeOf(date: Date, now: Date = new Date(), locale: string = language()): string {
  const today = date.toDateString() === now.toDateString();
  const day: Intl.DateTimeFormatOptions = today ? {} : { day: 'numeric', month: 'short' };
  return new Intl.DateTimeFormat(locale, { ...day, hour: 'numeric', minute: '2-digit' }).format(date);
}
