import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { price } from '../format.ts';
import { Memory } from '../memory.ts';
import type { Dish, Page } from '../model.ts';
import { LIST } from '../parts/list.ts';
import { addressOf, type Query } from '../query.ts';
import { t } from '../say.ts';
import { useSession } from '../session.ts';
import { useLoaded } from '../use-loaded.ts';

/** The dishes that a text finds best, each a link to its place among its restaurant's. An extra: it fails in silence. */
export function DishesFound({ query }: { readonly query: Query }): JSX.Element | null {
  const { api } = useSession();
  const memory = useMemo(() => new Memory<Page<Dish>>(), []);
  const { value } = useLoaded(addressOf(query), memory, (signal) => api.dishes(query, signal));
  if (!value?.items.length) return null;
  return (
    <section class="menu-found" aria-labelledby="menu-found">
      <h2 id="menu-found" class="menu-found__title">
        {t('dishes')}
      </h2>
      <ul class="menu-found__list" {...LIST}>
        {value.items.map(({ id, name, price: cost, restaurantId, restaurantName }) => (
          <li key={id}>
            <a class="menu-found__dish" href={`/restaurants/${restaurantId}#dish-${id}`}>
              <span class="menu-found__name" dir="auto">
                {name}
              </span>
              <span class="menu-found__where">
                {restaurantName} · {price(cost)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
