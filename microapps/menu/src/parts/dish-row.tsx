import type { ComponentChildren, JSX } from 'preact';
import { price } from '../format.ts';
import type { Dish, Tag } from '../model.ts';
import { LIST } from './list.ts';

const TAGS: Readonly<Record<Tag, string>> = { spicy: 'Spicy', vegan: 'Vegan', vegetarian: 'Vegetarian' };

interface Props {
  readonly dish: Dish;
  readonly children?: ComponentChildren;
}

/** A dish in a list: name, what is in it, what it costs, and what can be done with it. */
export function DishRow({ dish, children }: Props): JSX.Element {
  return (
    <li class="menu-dish" id={`dish-${dish.id}`}>
      <div class="menu-dish__text">
        <h3 class="menu-dish__name" dir="auto">
          {dish.name}
        </h3>
        <p class="menu-dish__about">{dish.description}</p>
        {dish.tags.length > 0 && (
          <ul class="menu-tags" {...LIST} aria-label="Good to know">
            {dish.tags.map((tag) => (
              <li key={tag} class="menu-tag" data-tag={tag}>
                {TAGS[tag]}
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
