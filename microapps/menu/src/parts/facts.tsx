import type { JSX } from 'preact';
import { minutes, price, stars } from '../format.ts';
import type { Restaurant } from '../model.ts';
import { t } from '../say.ts';
import { LIST } from './list.ts';

/** Rating, time and fee in one line. */
export function Facts({ restaurant: { rating, delivery } }: { readonly restaurant: Restaurant }): JSX.Element {
  return (
    <ul class="menu-facts" {...LIST}>
      <li class="menu-facts__rating">
        <span class="p-visually-hidden">{t('rated')} </span>
        {stars(rating)}
        <span class="p-visually-hidden"> {t('ofFive')}</span>
      </li>
      <li>{minutes(delivery.minutes)}</li>
      <li>{delivery.fee.amount ? t('delivery', { price: price(delivery.fee) }) : t('free')}</li>
    </ul>
  );
}
