/** What checkout's places on the page share: one basket, one order form, one way to the BFF. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Additions } from './addition.ts';
import type { CheckoutApi, Connection } from './api.ts';
import { BasketStore } from './basket-store.ts';
import { type KeptCommands, KeptStore } from './kept.ts';
import { Notice } from './notice.ts';
import type { Observable } from './observable.ts';
import type { OrderMoves } from './order-moves.ts';
import { OrderStore } from './order-store.ts';

export interface Session {
  readonly api: CheckoutApi;
  readonly basket: BasketStore;
  readonly order: OrderStore;
  /** What is saved on this device and not done yet. */
  readonly kept: KeptStore;
  readonly moves: OrderMoves;
  /** What was put into the basket last from elsewhere on the page, for the confirmation; null when it was read. */
  readonly added: Notice;
  readonly additions: Additions;
  /** Shows another page of the application, inside the shell where that is possible. */
  readonly goTo: (path: string) => void;
}

/** What a session is made of. */
export interface SessionParts {
  readonly api: CheckoutApi;
  /** The person's name. */
  readonly name: string;
  readonly newKey: () => string;
  readonly now: () => Date;
  readonly kept: KeptCommands;
  readonly connection: Connection;
  readonly moves: OrderMoves;
  readonly additions: Additions;
  readonly goTo: (path: string) => void;
}

export function createSession(parts: SessionParts): Session {
  const { api, moves, additions, goTo } = parts;
  const kept = new KeptStore(parts.kept);
  const basket = new BasketStore({ ...parts, kept });
  return { api, basket, order: new OrderStore(parts), kept, moves, added: new Notice(), additions, goTo };
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('checkout is rendered outside its SessionContext');
  return session;
}

/** The value of an observable; renders again when it changes. */
export function useObserved<S>(observable: Observable<S>): S {
  return useSyncExternalStore(observable.subscribe, observable.snapshot);
}
