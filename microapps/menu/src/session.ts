import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { Ahead } from './ahead.ts';
import { isFrugal, whenIdle } from './idle.ts';
import { Memory } from './memory.ts';
import type { MenuApi } from './menu-api.ts';
import type { Cuisine, Page, Restaurant, RestaurantWithDishes } from './model.ts';
import type { Listing } from './paging.ts';

/** What the views share: the way to the BFF, and what was seen lately. */
export interface Session {
  readonly api: MenuApi;
  readonly listings: Memory<Listing<Restaurant>>;
  readonly restaurants: Memory<RestaurantWithDishes>;
  readonly cuisines: Memory<Page<Cuisine>>;
  /** Fetches restaurants before anybody asks for them. */
  readonly ahead: Ahead;
}

export function createSession(api: MenuApi): Session {
  const restaurants = new Memory<RestaurantWithDishes>();
  const ahead = new Ahead({
    fetch: async (id, signal) => restaurants.keep(id, await api.restaurant(id, signal)),
    idle: whenIdle,
    frugal: isFrugal,
  });
  return { api, listings: new Memory(), restaurants, cuisines: new Memory(1), ahead };
}

/** A restaurant that was listed or opened before, as far as it is known. */
export function known({ listings, restaurants }: Session, id: string): Restaurant | undefined {
  return restaurants.recall(id) ?? listings.find((listing) => listing.items.find((restaurant) => restaurant.id === id));
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('A menu view is rendered outside its SessionContext');
  return session;
}
