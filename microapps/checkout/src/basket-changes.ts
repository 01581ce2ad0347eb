/** Changes a person made that the server has not answered yet, laid over the basket it told last. */
import { deliveryFee } from './delivery-fee.ts';
import { MAX_QUANTITY } from './limits.ts';
import type { Basket, BasketLine, Money } from './model.ts';
import { Refusal } from './refusal.ts';
import { t } from './say.ts';

/** What is shown of a dish until the server has priced it. */
export interface DishFacts {
  readonly name: string;
  readonly restaurantName: string;
  readonly unitPrice: Money;
  /** What bringing one order of this restaurant costs. */
  readonly delivery: Money;
}

export type Change =
  | {
      readonly kind: 'add';
      readonly dishId: string;
      readonly quantity: number;
      readonly fresh: boolean;
      /** For showing alone; what a dish is called and costs on the order, the BFF knows. */
      readonly facts?: DishFacts | undefined;
    }
  | { readonly kind: 'quantity'; readonly dishId: string; readonly quantity: number }
  | { readonly kind: 'remove'; readonly dishId: string }
  | { readonly kind: 'clear' };

/** The basket as the person means it, with the sums that follow from what is known. The server's answer decides. */
export function overlay(basket: Basket, changes: readonly Change[]): Basket {
  return changes.reduce(apply, basket);
}

/** What the change does, in words, to somebody who sees it later in a list. */
export function describe(change: Change, { lines }: Basket): string {
  const nameOf = (dishId: string) => lines.find((line) => line.dishId === dishId)?.name ?? t('aDish');
  switch (change.kind) {
    case 'add':
      return t('describeAdd', { dish: change.facts?.name ?? nameOf(change.dishId) });
    case 'quantity':
      return t('describeQuantity', { quantity: change.quantity, dish: nameOf(change.dishId) });
    case 'remove':
      return t('describeRemove', { dish: nameOf(change.dishId) });
    case 'clear':
      return t('describeClear');
  }
}

/** The refusal that the server would give to a change, as far as this page can tell; null when it knows of none. */
export function foreseen(basket: Basket, change: Change): Refusal | null {
  if (change.kind !== 'add' || change.fresh) return null;
  const wanted = change.facts?.restaurantName;
  const current = basket.restaurantName;
  if (basket.lines.length && wanted && current && wanted !== current) {
    return new Refusal(t('holdsOthers', { current, wanted }), 'other-restaurant', 'refused');
  }
  const held = basket.lines.find((line) => line.dishId === change.dishId)?.quantity ?? 0;
  if (held + change.quantity <= MAX_QUANTITY) return null;
  return new Refusal(t('quantityRange', { most: MAX_QUANTITY }), 'quantity-out-of-range', 'refused');
}

function apply(basket: Basket, change: Change): Basket {
  switch (change.kind) {
    case 'add':
      return added(change.fresh ? withLines(basket, () => null) : basket, change);
    case 'quantity':
      return withLines(basket, (line) => (line.dishId === change.dishId ? ofQuantity(line, change.quantity) : line));
    case 'remove':
      return withLines(basket, (line) => (line.dishId === change.dishId ? null : line));
    case 'clear':
      return withLines(basket, () => null);
  }
}

/** A dish that is new in the basket, and of which nothing is known, has no line before the server prices it, but it counts. */
function added(basket: Basket, { dishId, quantity, facts }: Change & { kind: 'add' }): Basket {
  if (basket.lines.some((line) => line.dishId === dishId)) {
    return withLines(basket, (line) => (line.dishId === dishId ? ofQuantity(line, line.quantity + quantity) : line));
  }
  if (!facts) return { ...basket, count: basket.count + quantity };
  const { name, unitPrice, restaurantName, delivery } = facts;
  const line = ofQuantity({ dishId, name, quantity, unitPrice, total: null }, quantity);
  const more = { ...basket, lines: [...basket.lines, line], count: basket.count + quantity };
  if (basket.lines.length) return summed(more);
  return summed({ ...more, restaurantName, fee: delivery, subtotal: { minor: 0, currency: unitPrice.currency } });
}

function withLines(basket: Basket, change: (line: BasketLine) => BasketLine | null): Basket {
  const lines = basket.lines.map(change).filter((line) => line !== null);
  const count = lines.length ? basket.count + pieces(lines) - pieces(basket.lines) : 0;
  return summed({ ...basket, lines, count });
}

function summed(basket: Basket): Basket {
  const { currency } = basket.subtotal;
  const subtotal = basket.lines.reduce((sum, { total }) => sum + (total?.minor ?? 0), 0);
  const fee = { ...basket.fee, minor: basket.lines.some(({ total }) => total) ? basket.fee.minor : 0 };
  const delivery = deliveryFee(fee, subtotal).minor;
  return {
    ...basket,
    restaurantName: basket.lines.length ? basket.restaurantName : '',
    subtotal: { minor: subtotal, currency },
    fee: { ...fee, currency },
    delivery: { minor: delivery, currency },
    total: { minor: subtotal + delivery, currency },
  };
}

function pieces(lines: readonly BasketLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

function ofQuantity(line: BasketLine, quantity: number): BasketLine {
  return { ...line, quantity, total: line.unitPrice && { ...line.unitPrice, minor: line.unitPrice.minor * quantity } };
}
