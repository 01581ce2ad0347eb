/** The ratings' BFF, as far as the two parcels ask it. */
import { type Api, ProblemError } from '@portico/sdk';
import { command, live } from '@portico/sdk/offline';
import { t } from './say.ts';

export interface Review {
  readonly id: string;
  readonly author: string;
  /** 1 to 5. */
  readonly stars: number;
  readonly words: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Reviews {
  /** In tenths of a star; null while nobody has rated. */
  readonly average: number | null;
  readonly count: number;
  readonly items: readonly Review[];
  readonly nextCursor: string | null;
}

export interface OrderToRate {
  readonly orderId: string;
  readonly mayRate: boolean;
  readonly restaurantName: string | null;
  readonly rating: Review | null;
}

/** How a rating went, as far as it is known by now; the words of a refusal can be shown. */
export type Outcome = { readonly state: 'done' | 'waiting' } | { readonly state: 'refused'; readonly why: string };

export class RatingsApi {
  readonly #api: Api;
  readonly #signal: AbortSignal;

  constructor(api: Api, signal: AbortSignal) {
    this.#api = api;
    this.#signal = signal;
  }

  reviews(restaurantId: string, cursor: string | null = null): Promise<Reviews> {
    const query = cursor === null ? {} : { cursor };
    return this.#api.get(`/restaurants/${encodeURIComponent(restaurantId)}`, { query, signal: this.#signal });
  }

  order(orderId: string): Promise<OrderToRate> {
    return this.#api.get(`/orders/${encodeURIComponent(orderId)}`, { signal: this.#signal });
  }

  /** Saves a rating on this device, then sends it. */
  async rate({ orderId, restaurantName }: OrderToRate, stars: number, words: string): Promise<Outcome> {
    const result = await command(this.#api, {
      path: '/ratings',
      body: { orderId, stars, words },
      describe: t('describe', { restaurant: restaurantName ?? '' }),
      lane: `rating-${orderId}`,
      discardRefused: true,
    });
    if (result.state === 'accepted') return { state: 'done' };
    if (result.state === 'pending') return { state: 'waiting' };
    const { error } = result;
    const told = error instanceof ProblemError && error.status < 500 && error.message;
    return { state: 'refused', why: told || t('wentWrong') };
  }

  /** Calls `listener` when an order of this person has become one that can be rated. */
  onCompleted(listener: (orderId: string) => void): void {
    live.on<{ id: string }>('ratings.order-completed', ({ data }) => listener(data.id), { signal: this.#signal });
  }
}
