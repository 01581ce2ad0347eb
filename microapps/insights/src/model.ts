/** What the insights BFF answers. */
import type { Api } from '@portico/sdk';

export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** Minutes and stars are averages; null: there was nothing to be averaged. */
export interface Numbers {
  readonly orders: number;
  readonly completed: number;
  readonly revenue: readonly Money[];
  readonly cancelled: Readonly<Record<string, number>>;
  readonly minutesToAccept: number | null;
  readonly minutesToReady: number | null;
  readonly minutesToDeliver: number | null;
  readonly stars: number | null;
  readonly ratings: number;
  /** What was charged, and what of it went back; not in the copies that devices kept before there was such a thing. */
  readonly paid?: readonly Money[];
  readonly refunded?: readonly Money[];
  readonly failedPayments?: number;
}

export interface Report {
  /** The oldest first; `day` is a date in UTC: "2026-03-01". */
  readonly days: readonly { readonly day: string; readonly numbers: Numbers }[];
  readonly total: Numbers;
}

export interface Places {
  readonly items: readonly { readonly id: string; readonly name: string }[];
  /** Whether all can be seen together. */
  readonly all: boolean;
}

export interface Asked {
  /** A restaurant's id; empty: all that this person may see. */
  readonly restaurant: string;
  readonly days: number;
}

/** The way to the BFF. */
export class InsightsApi {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  places(signal: AbortSignal): Promise<Places> {
    return this.#api.get('/restaurants', { signal });
  }

  report({ restaurant, days }: Asked, signal: AbortSignal): Promise<Report> {
    return this.#api.get('/report', { query: { days, ...(restaurant && { restaurant }) }, signal });
  }
}
