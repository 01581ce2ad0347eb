import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { count } from '../format.ts';
import type { Cuisine } from '../model.ts';
import { AsOf } from '../parts/as-of.tsx';
import { Card, CardSkeleton } from '../parts/card.tsx';
import { LIST } from '../parts/list.ts';
import { SearchForm } from '../parts/search-form.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { addressOf, type Query, sameQuery } from '../query.ts';
import { t } from '../say.ts';
import { useSession } from '../session.ts';
import { useAhead } from '../use-ahead.ts';
import { useLoaded } from '../use-loaded.ts';
import { type Restaurants, useRestaurants } from '../use-restaurants.ts';
import { DishesFound } from './dishes-found.tsx';
import { NothingFound } from './nothing-found.tsx';

const TYPING_MS = 180;

interface Props {
  /** What the address asks for. */
  readonly asked: Query;
  /** Puts another query into the address. */
  readonly onQuery: (query: Query) => void;
}

/** All restaurants, or those that a query finds. */
export function Search({ asked, onQuery }: Props): JSX.Element {
  const { api, cuisines } = useSession();
  const [query, setQuery] = useState(asked);
  const settled = useSettled(query);
  const known = useLoaded('cuisines', cuisines, (signal) => api.cuisines(signal)).value?.items ?? [];
  const restaurants = useRestaurants(settled);

  // The address leads when it changed by itself (a link, the back button), and follows when the person types.
  useEffect(() => setQuery((present) => (sameQuery(present, asked) ? present : asked)), [addressOf(asked)]);
  useEffect(() => {
    if (!sameQuery(settled, asked)) onQuery(settled);
  }, [addressOf(settled)]);

  return (
    <div class="menu menu-browse">
      <h1 tabIndex={-1}>{t('hungry')}</h1>
      <SearchForm query={query} cuisines={known} onQuery={setQuery} />
      {settled.text.trim() && <DishesFound query={settled} />}
      <Results query={settled} restaurants={restaurants} cuisines={known} onQuery={setQuery} />
    </div>
  );
}

interface ResultsProps {
  readonly query: Query;
  readonly restaurants: Restaurants;
  readonly cuisines: readonly Cuisine[];
  readonly onQuery: (query: Query) => void;
}

function Results({ query, restaurants, cuisines, onQuery }: ResultsProps): JSX.Element {
  const { listing, more, retry } = restaurants;
  const ahead = useAhead(listing.items);
  const waiting = listing.key === undefined && listing.error === undefined;
  const current = listing.key === addressOf(query);
  const failed = listing.error !== undefined;
  const trouble = <Trouble what={t('restaurantsNotFetched')} error={listing.error} retry={retry} />;
  const nothing = current && listing.items.length === 0;
  const nameOf = (id: string): string => cuisines.find((cuisine) => cuisine.id === id)?.name ?? id;

  return (
    <section class="menu-results" aria-label={t('restaurants')} aria-busy={listing.busy !== 'no'}>
      <div class="menu-results__about">
        <p class="menu-results__count" role="status">
          {current && !nothing ? count(listing.items.length, listing.nextCursor !== null) : ''}
        </p>
        <AsOf />
      </div>
      {nothing && <NothingFound query={query} cuisine={nameOf(query.cuisine)} onQuery={onQuery} />}
      {failed && !current && trouble}
      <ul
        ref={ahead}
        class="menu-cards"
        {...LIST}
        hidden={failed && !current}
        data-stale={!waiting && !current ? '' : undefined}
      >
        {waiting
          ? Array.from({ length: 6 }, (_, index) => <li key={index}>{<CardSkeleton />}</li>)
          : listing.items.map((restaurant) => (
              <li key={restaurant.id} data-restaurant={restaurant.id}>
                <Card restaurant={restaurant} cuisine={nameOf(restaurant.cuisine)} />
              </li>
            ))}
      </ul>
      {failed && current && trouble}
      {current && listing.nextCursor && !failed && (
        <button
          type="button"
          class="p-button p-button--quiet menu-results__more"
          aria-disabled={listing.busy === 'more'}
          onClick={more}
        >
          {t(listing.busy === 'more' ? 'fetchingMore' : 'more')}
        </button>
      )}
    </section>
  );
}

/** The query once the person has stopped typing for a moment; a chosen cuisine, or an emptied box, counts at once. */
function useSettled(query: Query): Query {
  const [settled, setSettled] = useState(query);
  useEffect(() => {
    const wait = query.text.trim() && query.cuisine === settled.cuisine ? TYPING_MS : 0;
    const timer = setTimeout(() => setSettled((present) => (sameQuery(present, query) ? present : query)), wait);
    return () => clearTimeout(timer);
  }, [query, settled.cuisine]);
  return settled;
}
