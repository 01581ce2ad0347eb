import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
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
}

export function createSession(api: MenuApi): Session {
  return { api, listings: new Memory(), restaurants: new Memory(), cuisines: new Memory(1) };
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
