import type { Cuisine, Dish, Page, Restaurant, RestaurantWithDishes } from './model.ts';
import type { OwnApi } from './portico/api.ts';
import type { Query } from './query.ts';

const PAGE = 12;
const DISHES = 6;

/** The menu BFF. Every method rejects as the sdk's `Api` does. */
export class MenuApi {
  constructor(private readonly api: OwnApi) {}

  cuisines(signal: AbortSignal): Promise<Page<Cuisine>> {
    return this.api.get('/cuisines', { signal });
  }

  /** A page of the restaurants that answer the query, those after `cursor`. */
  restaurants({ text, cuisine }: Query, cursor: string | null, signal: AbortSignal): Promise<Page<Restaurant>> {
    const query = { q: text.trim() || null, cuisine: cuisine || null, cursor, limit: PAGE };
    return this.api.get('/restaurants', { query, signal });
  }

  restaurant(id: string, signal: AbortSignal): Promise<RestaurantWithDishes> {
    return this.api.get(`/restaurants/${encodeURIComponent(id)}`, { signal });
  }

  /** The dishes that a text finds best, of all restaurants or of one cuisine's. */
  dishes({ text, cuisine }: Query, signal: AbortSignal): Promise<Page<Dish>> {
    return this.api.get('/dishes', { query: { q: text.trim(), cuisine: cuisine || null, limit: DISHES }, signal });
  }
}
