/** The port through which the kitchen's screen reaches its BFF and what waits on this device. */
import type { Queue, Reason, Step, Task } from './model.ts';
import type { Waiting } from './waiting.ts';

/** How a step went, as far as it is known by now. */
export type Outcome =
  /** `task` is null when the answer was lost: the queue tells. */
  | { readonly state: 'done'; readonly task: Task | null }
  /** Saved on this device; it is sent by itself. */
  | { readonly state: 'waiting' }
  /** The server said no; the words can be shown to the cook. */
  | { readonly state: 'refused'; readonly why: string };

/** Subscriptions return the function that ends them. */
export interface KitchenApi {
  /** Rejects when neither the server nor this device has an answer. */
  queue(): Promise<Queue>;
  /** Saves a step on this device, then sends it; rejecting an order has a reason. Rejects when it could not even be saved. */
  take(step: Step, task: Task, reason?: Reason): Promise<Outcome>;
  waiting(): Promise<readonly Waiting[]>;
  /** Gives up a step that the server did not take. */
  giveUp(waiting: Waiting): Promise<void>;
  /** Calls `listener` when the queue changed at the server, or may have. */
  onChange(listener: () => void): () => void;
  /** Calls `listener` when something about `waiting` changed. */
  onWaiting(listener: () => void): () => void;
}
