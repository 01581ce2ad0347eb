import type { Placing } from '../src/absence.ts';
import type { TrackingApi } from '../src/api.ts';
import { type Delivery, type DeliveryPage, STATUSES } from '../src/model.ts';

export function deliveryOf(id: string, status: (typeof STATUSES)[number] = 'SUBMITTED'): Delivery {
  const passed = STATUSES.slice(0, STATUSES.indexOf(status) + 1);
  return {
    id,
    restaurantName: `Restaurant of ${id}`,
    total: { minor: 1250, currency: 'EUR' },
    status,
    reason: null,
    courierName: null,
    steps: passed.map((step) => ({ status: step, at: '2026-03-01T18:30:00Z' })),
  };
}

/** A BFF that answers from what the test put into it, and an outbox of one entry. */
export class FakeApi implements TrackingApi {
  known: readonly Delivery[] = [];
  placingState: Placing = null;
  failure: unknown;
  readonly reads: string[] = [];
  readonly #moves = new Set<(id: string | null) => void>();
  readonly #waits = new Set<() => void>();

  constructor(readonly pageSize = 10) {}

  async deliveries(after: string | null): Promise<DeliveryPage> {
    this.reads.push(`page ${after}`);
    if (this.failure !== undefined) throw this.failure;
    const start = after === null ? 0 : this.known.findIndex(({ id }) => id === after) + 1;
    const nodes = this.known.slice(start, start + this.pageSize);
    return { nodes, endCursor: nodes.at(-1)?.id ?? null, hasNextPage: start + nodes.length < this.known.length };
  }

  async delivery(id: string): Promise<Delivery | null> {
    this.reads.push(id);
    if (this.failure !== undefined) throw this.failure;
    return this.known.find((delivery) => delivery.id === id) ?? null;
  }

  async placing(): Promise<Placing> {
    return this.placingState;
  }

  onMove(listener: (id: string | null) => void): () => void {
    this.#moves.add(listener);
    return () => this.#moves.delete(listener);
  }

  onWaiting(listener: () => void): () => void {
    this.#waits.add(listener);
    return () => this.#waits.delete(listener);
  }

  move(id: string | null): void {
    for (const listener of [...this.#moves]) listener(id);
  }

  waitingChanged(): void {
    for (const listener of [...this.#waits]) listener();
  }

  get listeners(): number {
    return this.#moves.size + this.#waits.size;
  }
}

/** Lets everything that is ready to run, run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
