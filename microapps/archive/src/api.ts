/** The archive's BFF. */
import type { Api } from '@portico/sdk';

export interface Receipt {
  readonly id: string;
  readonly restaurantName: string;
  /** ISO 8601. */
  readonly placedAt: string;
  readonly status: 'completed' | 'cancelled';
  readonly total: { readonly minor: number; readonly currency: string };
  /** Whether the document can be had. */
  readonly filed: boolean;
  /** For auditors: the sub of who ordered. */
  readonly customer: string | null;
}

export interface Receipts {
  readonly items: readonly Receipt[];
  readonly nextCursor: string | null;
}

export class ArchiveApi {
  readonly #api: Api;
  readonly #signal: AbortSignal;

  constructor(api: Api, signal: AbortSignal) {
    this.#api = api;
    this.#signal = signal;
  }

  receipts(cursor: string | null): Promise<Receipts> {
    return this.#api.get('/receipts', { query: cursor === null ? {} : { cursor }, signal: this.#signal });
  }

  /** The document, by a link that is made for this moment. */
  async document(id: string): Promise<Blob> {
    const signal = this.#signal;
    const made = `/receipts/${encodeURIComponent(id)}/link`;
    const { path } = await this.#api.post<{ readonly path: string }>(made, undefined, { signal });
    return (await this.#api.request('GET', path, undefined, { signal })).blob();
  }
}
