// Made by `portico types` from app.json and what it names; do not edit.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/* eslint-disable */

/**
 * Somebody wants a portion of a dish. Names and amounts are for showing alone.
 */
export interface BasketAdd1 {
dishId: string
name: string
restaurantId: string
restaurantName: string
unitPrice: Amount
delivery: Amount
}
/**
 * In the currency's minor unit.
 */
export interface Amount {
amount: number
currency: string
}
