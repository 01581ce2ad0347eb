/** Times in the page's language. */

import { locale as language } from '@portico/sdk/i18n';
import { t } from './say.ts';

/** "7:30 PM", in the person's time zone unless one is given. */
export function clock(iso: string, locale: string = language(), timeZone?: string): string {
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short', ...zone }).format(new Date(iso));
}

/** "12 min. ago", "2 hr. ago"; "now" within the first minute, and for a clock that runs behind the server's. */
export function age(iso: string, now: number, locale: string = language()): string {
  const minutes = Math.max(0, Math.floor((now - new Date(iso).getTime()) / 60_000));
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  if (minutes === 0) return format.format(0, 'second');
  return minutes < 60 ? format.format(-minutes, 'minute') : format.format(-Math.floor(minutes / 60), 'hour');
}

/** The last characters of an order's number: enough to tell the bags on the counter apart. */
export function shortNumber(id: string): string {
  return id.slice(-4).toUpperCase();
}

/** "1 portion", "3 portions". */
export function portions(count: number): string {
  return t('portions', { count });
}
