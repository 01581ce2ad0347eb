/** The port through which the screens reach the tracking BFF, its live updates, and what waits on this device. */
import type { Placing } from './absence.ts';
import type { Delivery, DeliveryPage } from './model.ts';

/** Subscriptions return the function that ends them. Reads reject as the sdk's `Api` does. */
export interface TrackingApi {
  deliveries(after: string | null, signal?: AbortSignal): Promise<DeliveryPage>;
  /** Null when there is no such delivery, or it is somebody else's. */
  delivery(id: string, signal?: AbortSignal): Promise<Delivery | null>;
  /** What this device knows of the command that places the order. */
  placing(id: string): Promise<Placing>;
  /** Tells the id of an order that moved; null when any may have, unnoticed. */
  onMove(listener: (id: string | null) => void): () => void;
  /** Calls `listener` when something about what waits on this device changed. */
  onWaiting(listener: () => void): () => void;
}
