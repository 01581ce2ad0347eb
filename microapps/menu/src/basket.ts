import { messages } from '@portico/sdk';
import type { Dish, Money } from './model.ts';

/**
 * Asks whoever keeps the basket to add one portion. Nobody needs to be listening yet: the message waits. What the dish and
 * bringing it (`delivery`) cost is for showing alone, so that a basket can be filled without a network.
 */
export function addToBasket({ id, name, restaurantId, restaurantName, price }: Dish, delivery: Money): void {
  messages.publish('basket.add/1', { dishId: id, name, restaurantId, restaurantName, unitPrice: price, delivery });
}
