import { messages } from '@portico/sdk';
import type { Dish } from './model.ts';

/** Asks whoever keeps the basket to add one portion. Nobody needs to be listening yet: the message waits. */
export function addToBasket({ id, name, restaurantId, restaurantName, price }: Dish): void {
  messages.publish('basket.add/1', { dishId: id, name, restaurantId, restaurantName, unitPrice: price });
}
