/** The port through which the courier's screen reaches its BFF and what waits on this device. */
import type { Job, Round, Step } from './model.ts';
import type { Waiting } from './waiting.ts';

/** How a step went, as far as it is known by now. */
export type Outcome =
  /** `job` is null when the answer was lost: the round tells. */
  | { readonly state: 'done'; readonly job: Job | null }
  /** Saved on this device; it is sent by itself. */
  | { readonly state: 'waiting' }
  /** The server said no; the words can be shown to the courier. */
  | { readonly state: 'refused'; readonly why: string };

/** Subscriptions return the function that ends them. */
export interface CourierApi {
  /** Rejects when neither the server nor this device has an answer. */
  round(): Promise<Round>;
  /** Saves a step on this device, then sends it. Rejects when it could not even be saved. */
  take(step: Step, job: Job): Promise<Outcome>;
  waiting(): Promise<readonly Waiting[]>;
  /** Gives up a step that the server did not take. */
  giveUp(waiting: Waiting): Promise<void>;
  /** Calls `listener` when the round changed at the server, or may have. */
  onChange(listener: () => void): () => void;
  /** Calls `listener` when something about `waiting` changed. */
  onWaiting(listener: () => void): () => void;
}
