// Made by `portico types` from app.json and what it names; do not edit.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/* eslint-disable */

import type { RestApi } from '@portico/sdk';

export interface paths {
    readonly "/restaurants": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Find restaurants.
         * @description By words in their names, in what they say of themselves and in their dishes, best first; without words, all.
         */
        readonly get: operations["list_restaurants"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/restaurants/{restaurant_id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a restaurant with all its dishes. */
        readonly get: operations["read_restaurant"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/dishes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Find dishes of all restaurants.
         * @description By words in their names and descriptions, and by tags such as `vegan`; best first.
         */
        readonly get: operations["list_dishes"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/cuisines": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** List the cuisines that restaurants can be chosen by. */
        readonly get: operations["list_cuisines"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Results[Restaurant]
         * @description Some of many; `nextCursor` asks for those that follow, null says that there are none.
         */
        readonly Results_Restaurant_: {
            readonly items: readonly components["schemas"]["Restaurant"][];
            readonly nextCursor: string | null;
        };
        /**
         * Restaurant
         * @description A restaurant as lists show it. `rating` is in tenths of a star, 0 to 50.
         */
        readonly Restaurant: {
            readonly id: string;
            readonly name: string;
            readonly nativeName: string | null;
            readonly cuisine: string;
            readonly area: string;
            readonly tagline: string;
            readonly rating: number;
            readonly delivery: components["schemas"]["Delivery"];
        };
        /**
         * Delivery
         * @description How long a delivery takes, in minutes from and to, and what it costs.
         */
        readonly Delivery: {
            readonly minutes: readonly [
                number,
                number
            ];
            readonly fee: components["schemas"]["Money"];
        };
        /**
         * Money
         * @description An amount in the currency's minor unit (ISO 4217): 950 EUR is nine euros fifty.
         */
        readonly Money: {
            readonly amount: number;
            readonly currency: string;
        };
        /**
         * RestaurantMenu
         * @description A restaurant with all its dishes.
         */
        readonly RestaurantMenu: {
            readonly id: string;
            readonly name: string;
            readonly nativeName: string | null;
            readonly cuisine: string;
            readonly area: string;
            readonly tagline: string;
            readonly rating: number;
            readonly delivery: components["schemas"]["Delivery"];
            readonly sections: readonly components["schemas"]["Section"][];
        };
        /**
         * Section
         * @description A part of a restaurant's menu.
         */
        readonly Section: {
            readonly name: string;
            readonly dishes: readonly components["schemas"]["Dish"][];
        };
        /**
         * Dish
         * @description A dish, with enough of its restaurant to be shown alone.
         */
        readonly Dish: {
            readonly id: string;
            readonly name: string;
            readonly description: string;
            readonly price: components["schemas"]["Money"];
            readonly tags: readonly ("spicy" | "vegan" | "vegetarian")[];
            readonly section: string;
            readonly restaurantId: string;
            readonly restaurantName: string;
            readonly cuisine: string;
        };
        /**
         * Results[Dish]
         * @description Some of many; `nextCursor` asks for those that follow, null says that there are none.
         */
        readonly Results_Dish_: {
            readonly items: readonly components["schemas"]["Dish"][];
            readonly nextCursor: string | null;
        };
        /**
         * Results[Cuisine]
         * @description Some of many; `nextCursor` asks for those that follow, null says that there are none.
         */
        readonly Results_Cuisine_: {
            readonly items: readonly components["schemas"]["Cuisine"][];
            readonly nextCursor: string | null;
        };
        /**
         * Cuisine
         * @description A kind of cooking that some restaurant offers.
         */
        readonly Cuisine: {
            readonly id: string;
            readonly name: string;
        };
        /** @description A problem document (RFC 9457). */
        readonly Problem: {
            /**
             * Format: uri
             * @description Names the kind of problem; stable.
             */
            readonly type: string;
            readonly title: string;
            readonly status: number;
            readonly detail?: string;
            /** Format: uri-reference */
            readonly instance?: string;
            /** @description What is wrong with the request, and where. */
            readonly errors?: readonly {
                /** @description A JSON Pointer into the body, or query:<name>, path:<name>. */
                readonly pointer: string;
                readonly detail: string;
            }[];
        };
    };
    responses: {
        /** @description A problem. */
        readonly Problem: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description Makes repeating the command safe: the same key gets the first answer, for 30 days. */
        readonly IdempotencyKey: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly list_restaurants: {
        readonly parameters: {
            readonly query?: {
                readonly q?: string;
                readonly cuisine?: string | null;
                readonly cursor?: string | null;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Success. */
            readonly 200: {
                headers: {
                    readonly ETag?: string;
                    readonly "Cache-Control"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Results_Restaurant_"];
                };
            };
            /** @description Not modified: the client has this representation (If-None-Match). */
            readonly 304: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["Problem"];
            readonly 401: components["responses"]["Problem"];
            readonly 422: components["responses"]["Problem"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly read_restaurant: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly restaurant_id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Success. */
            readonly 200: {
                headers: {
                    readonly ETag?: string;
                    readonly "Cache-Control"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["RestaurantMenu"];
                };
            };
            /** @description Not modified: the client has this representation (If-None-Match). */
            readonly 304: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 401: components["responses"]["Problem"];
            readonly 404: components["responses"]["Problem"];
            readonly 422: components["responses"]["Problem"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly list_dishes: {
        readonly parameters: {
            readonly query?: {
                readonly q?: string;
                readonly cuisine?: string | null;
                readonly cursor?: string | null;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Success. */
            readonly 200: {
                headers: {
                    readonly ETag?: string;
                    readonly "Cache-Control"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Results_Dish_"];
                };
            };
            /** @description Not modified: the client has this representation (If-None-Match). */
            readonly 304: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["Problem"];
            readonly 401: components["responses"]["Problem"];
            readonly 422: components["responses"]["Problem"];
            readonly default: components["responses"]["Problem"];
        };
    };
    readonly list_cuisines: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Success. */
            readonly 200: {
                headers: {
                    readonly ETag?: string;
                    readonly "Cache-Control"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Results_Cuisine_"];
                };
            };
            /** @description Not modified: the client has this representation (If-None-Match). */
            readonly 304: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 401: components["responses"]["Problem"];
            readonly default: components["responses"]["Problem"];
        };
    };
}

/** The app's own BFF: `const api: OwnApi = portico.api`. */
export type OwnApi = RestApi<paths>;
