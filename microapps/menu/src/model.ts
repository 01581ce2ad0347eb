/** What the menu BFF answers. Mirrors its OpenAPI document (`/api/menu/openapi.json`). */

/** An amount in a currency's minor unit: 950 EUR is nine euros fifty. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface Restaurant {
  readonly id: string;
  readonly name: string;
  /** The name in its own script, where that is another. */
  readonly nativeName: string | null;
  readonly cuisine: string;
  readonly area: string;
  readonly tagline: string;
  /** Tenths of a star: 48 is 4.8 of 5. */
  readonly rating: number;
  readonly delivery: { readonly minutes: readonly [from: number, to: number]; readonly fee: Money };
}

export type Tag = 'vegetarian' | 'vegan' | 'spicy';

export interface Dish {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  readonly tags: readonly Tag[];
  readonly restaurantId: string;
  readonly restaurantName: string;
}

export interface Section {
  readonly name: string;
  readonly dishes: readonly Dish[];
}

export interface RestaurantWithDishes extends Restaurant {
  readonly sections: readonly Section[];
}

export interface Cuisine {
  readonly id: string;
  readonly name: string;
}

/** Some of many; `nextCursor` asks for those that follow, `null` says that there are none. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
