/** A dish that another micro-app asks to have put into the basket: message `basket.add/1`. */
import { asRefusal } from './refusal.ts';
import type { Session } from './session.ts';

export interface Addition {
  /** The same on every delivery of the same wish; the idempotency key of the command it becomes. */
  readonly id: string;
  readonly dishId: string;
  /** For the confirmation alone; what it is called and costs on the order, the BFF knows. */
  readonly name: string;
}

/** Takes one addition; rejects when it is not known whether it was carried out, so that it is delivered again. */
export type TakeAddition = (addition: Addition) => Promise<void>;

/** Delivers additions at least once each, until the returned function is called. */
export type Additions = (take: TakeAddition) => () => void;

/** The wish in a message from another team's code, or null for anything else. */
export function additionOf(id: string, data: unknown): Addition | null {
  const { dishId, name } = (data ?? {}) as { dishId?: unknown; name?: unknown };
  return typeof dishId === 'string' && dishId && typeof name === 'string' ? { id, dishId, name } : null;
}

/** Puts an addition into the basket and says so. A refusal is an answer too: the page shows it, and it is done with. */
export async function carryOut({ basket, added }: Session, { id, dishId, name }: Addition): Promise<void> {
  try {
    await basket.change({ kind: 'add', dishId, quantity: 1, fresh: false }, id);
  } catch (error) {
    if (asRefusal(error).outcome === 'unknown') throw error;
    return;
  }
  added.show(`${name} is in your basket.`);
}
