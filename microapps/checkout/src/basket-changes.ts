/** Changes a person made that the server has not answered yet, laid over the basket it told last. */
import type { Basket, BasketLine } from './model.ts';

export type Change =
  | { readonly kind: 'add'; readonly dishId: string; readonly quantity: number; readonly fresh: boolean }
  | { readonly kind: 'quantity'; readonly dishId: string; readonly quantity: number }
  | { readonly kind: 'remove'; readonly dishId: string }
  | { readonly kind: 'clear' };

/** The basket as the person means it. Line totals follow; the sums stay the server's until it answers. */
export function overlay(basket: Basket, changes: readonly Change[]): Basket {
  return changes.reduce(apply, basket);
}

function apply(basket: Basket, change: Change): Basket {
  switch (change.kind) {
    case 'add':
      return change.fresh
        ? { ...basket, lines: [], count: change.quantity }
        : added(basket, change.dishId, change.quantity);
    case 'quantity':
      return withLines(basket, (line) => (line.dishId === change.dishId ? ofQuantity(line, change.quantity) : line));
    case 'remove':
      return withLines(basket, (line) => (line.dishId === change.dishId ? null : line));
    case 'clear':
      return withLines(basket, () => null);
  }
}

/** A dish that is new in the basket has no line before the server prices it, but it counts. */
function added(basket: Basket, dishId: string, quantity: number): Basket {
  const more = (line: BasketLine) => (line.dishId === dishId ? ofQuantity(line, line.quantity + quantity) : line);
  return { ...basket, lines: basket.lines.map(more), count: basket.count + quantity };
}

function withLines(basket: Basket, change: (line: BasketLine) => BasketLine | null): Basket {
  const lines = basket.lines.map(change).filter((line) => line !== null);
  return { ...basket, lines, count: basket.count + pieces(lines) - pieces(basket.lines) };
}

function pieces(lines: readonly BasketLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

function ofQuantity(line: BasketLine, quantity: number): BasketLine {
  return { ...line, quantity, total: line.unitPrice && { ...line.unitPrice, minor: line.unitPrice.minor * quantity } };
}
