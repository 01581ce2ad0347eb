/** The adapter from tracking's port to the sdk. */
import type { Api } from '@portico/sdk';
import { live, outbox, status } from '@portico/sdk/offline';
import type { Placing } from './absence.ts';
import type { TrackingApi } from './api.ts';
import type { Delivery, DeliveryPage } from './model.ts';
import * as operations from './operations.ts';

export const PAGE = 10;

interface Connection {
  readonly nodes: readonly Delivery[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

export class SdkTrackingApi implements TrackingApi {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async deliveries(after: string | null, signal?: AbortSignal): Promise<DeliveryPage> {
    const variables = { first: PAGE, after };
    const options = { signal, operationName: 'Deliveries' };
    const data = await this.#api.graphql<{ deliveries: Connection }, object>(operations.DELIVERIES, variables, options);
    return { nodes: data.deliveries.nodes, ...data.deliveries.pageInfo };
  }

  async delivery(id: string, signal?: AbortSignal): Promise<Delivery | null> {
    const options = { signal, operationName: 'Delivery' };
    const data = await this.#api.graphql<{ delivery: Delivery | null }, object>(
      operations.DELIVERY_QUERY,
      { id },
      options,
    );
    return data.delivery;
  }

  async placing(id: string): Promise<Placing> {
    const entry = (await outbox.entries()).find(({ key }) => key === id);
    if (!entry || entry.state === 'discarding') return null;
    return entry.state === 'failed' || entry.state === 'conflict' ? 'stuck' : 'waiting';
  }

  onMove(listener: (id: string | null) => void): () => void {
    const control = new AbortController();
    const { signal } = control;
    live.on('tracking.order-changed', ({ data }) => listener(idOf(data)), { signal });
    let online = status.get().online;
    status.subscribe(
      () => {
        const before = online;
        online = status.get().online;
        if (online && !before) listener(null);
      },
      { signal },
    );
    return () => control.abort();
  }

  onWaiting(listener: () => void): () => void {
    const control = new AbortController();
    outbox.subscribe(listener, { signal: control.signal });
    return () => control.abort();
  }
}

function idOf(data: unknown): string | null {
  const { id } = (data ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : null;
}
