import type { JSX } from 'preact';
import type { Restaurant } from '../model.ts';
import { Facts } from './facts.tsx';
import { NativeName } from './native-name.tsx';
import { Picture } from './picture.tsx';

interface Props {
  readonly restaurant: Restaurant;
  /** The cuisine's name as people read it. */
  readonly cuisine: string;
}

/** One restaurant among others; the whole card is its link. */
export function Card({ restaurant, cuisine }: Props): JSX.Element {
  const { id, name, nativeName, tagline, area } = restaurant;
  return (
    <article class="menu-card p-card">
      <div class="menu-card__picture">
        <Picture id={id} cuisine={restaurant.cuisine} />
      </div>
      <div class="menu-card__text">
        <p class="menu-card__kind">
          {cuisine} <span aria-hidden="true">·</span> {area}
        </p>
        <h2 class="menu-card__name">
          <a href={`/restaurants/${id}`}>{name}</a> <NativeName name={nativeName} cuisine={restaurant.cuisine} />
        </h2>
        <p class="menu-card__tagline">{tagline}</p>
        <Facts restaurant={restaurant} />
      </div>
    </article>
  );
}

/** A card's place while it is fetched. */
export function CardSkeleton(): JSX.Element {
  return (
    <div class="menu-card p-card" aria-hidden="true">
      <div class="menu-card__picture p-skeleton" />
      <div class="menu-card__text">
        <p class="p-skeleton menu-bone menu-bone--short">&nbsp;</p>
        <p class="p-skeleton menu-bone menu-bone--title">&nbsp;</p>
        <p class="p-skeleton menu-bone">&nbsp;</p>
        <p class="p-skeleton menu-bone menu-bone--short">&nbsp;</p>
      </div>
    </div>
  );
}
