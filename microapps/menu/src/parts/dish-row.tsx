import type { ComponentChildren, JSX } from 'preact';
import { price } from '../format.ts';
import type { Dish } from '../model.ts';
import { t } from '../say.ts';
import { LIST } from './list.ts';

interface Props {
  readonly dish: Dish;
  readonly children?: ComponentChildren;
}

/** A dish in a list: name, what is in it, what it costs, and what can be done with it. */
export function DishRow({ dish, children }: Props): JSX.Element {
  return (
    <li class="menu-dish" id={`dish-${dish.id}`}>
      <div class="menu-dish__text">
        {/* Another language than the page's runs its own way, and begins where the page's lines begin. */}
        <h3 class="menu-dish__name">
          <bdi>{dish.name}</bdi>
        </h3>
        <p class="menu-dish__about">
          <bdi>{dish.description}</bdi>
        </p>
        {dish.tags.length > 0 && (
          <ul class="menu-tags" {...LIST} aria-label={t('goodToKnow')}>
            {dish.tags.map((tag) => (
              <li key={tag} class="menu-tag" data-tag={tag}>
                {t(tag)}
              </li>
            ))}
          </ul>
        )}
      </div>
      <p class="menu-dish__price">{price(dish.price)}</p>
      {children}
    </li>
  );
}
