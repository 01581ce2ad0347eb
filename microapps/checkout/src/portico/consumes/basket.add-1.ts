// Made by `portico types` from app.json and what it names; do not edit.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/* eslint-disable */

/**
 * A dish to put into the basket. What it is called and costs is shown until the BFF has priced it.
 */
export interface BasketAdd1 {
dishId: string
name: string
restaurantName?: string
unitPrice?: Amount
delivery?: Amount
[k: string]: unknown
}
export interface Amount {
amount: number
currency: string
[k: string]: unknown
}
