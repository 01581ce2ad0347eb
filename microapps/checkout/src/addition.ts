/** A dish that another micro-app asks to have put into the basket: message `basket.add/1`. */
import type { DishFacts } from './basket-changes.ts';
import type { Money } from './model.ts';
import { asRefusal } from './refusal.ts';
import { t } from './say.ts';
import type { Session } from './session.ts';

export interface Addition {
  /** The same on every delivery of the same wish; the idempotency key of the command it becomes. */
  readonly id: string;
  readonly dishId: string;
  /** For the confirmation alone; what it is called and costs on the order, the BFF knows. */
  readonly name: string;
  /** What is shown of it until the BFF has priced it, where the message says all of it; it is never sent. */
  readonly facts?: DishFacts | undefined;
}

/** Takes one addition; rejects when it is not known whether it was carried out, so that it is delivered again. */
export type TakeAddition = (addition: Addition) => Promise<void>;

/** Delivers additions at least once each, until the returned function is called. */
export type Additions = (take: TakeAddition) => () => void;

/** The wish in a message from another team's code, or null for anything else. */
export function additionOf(id: string, data: unknown): Addition | null {
  const { dishId, name, ...rest } = (data ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof dishId !== 'string' || !dishId || typeof name !== 'string') return null;
  return { id, dishId, name, facts: factsOf(name, rest) };
}

function factsOf(name: string, data: Readonly<Record<string, unknown>>): DishFacts | undefined {
  const { restaurantName } = data;
  const [unitPrice, delivery] = [moneyOf(data.unitPrice), moneyOf(data.delivery)];
  if (typeof restaurantName !== 'string' || !unitPrice || delivery?.currency !== unitPrice.currency) return undefined;
  return { name, restaurantName, unitPrice, delivery };
}

/** The menu's way to say an amount, in checkout's. */
function moneyOf(value: unknown): Money | undefined {
  const { amount, currency } = (value ?? {}) as { amount?: unknown; currency?: unknown };
  if (!Number.isSafeInteger(amount) || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return undefined;
  return { minor: amount as number, currency };
}

/** Puts an addition into the basket and says so. A refusal is an answer too: the page shows it, and it is done with. */
export async function carryOut({ basket, added }: Session, { id, dishId, name, facts }: Addition): Promise<void> {
  try {
    const { state } = await basket.change({ kind: 'add', dishId, quantity: 1, fresh: false, facts }, id);
    added.show(t(state === 'done' ? 'added' : 'addedKept', { dish: name }));
  } catch (error) {
    if (asRefusal(error).outcome === 'unknown') throw error;
  }
}
