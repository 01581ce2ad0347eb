/** What the courier's BFF answers. Mirrors `bffs/courier/schema.graphql`. */

export type JobStatus = 'EXPECTED' | 'READY' | 'PICKED_UP' | 'DELIVERED' | 'CANCELLED';

export interface Address {
  /** The name on the door. */
  readonly name: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
}

/** An order to be brought from a restaurant to a door. */
export interface Job {
  /** The order's id. */
  readonly id: string;
  /** Grows by one with every change; a command names the one it means. */
  readonly version: number;
  readonly status: JobStatus;
  readonly restaurantName: string;
  readonly count: number;
  readonly note: string;
  readonly to: Address | null;
  /** Since when it waits at the restaurant. */
  readonly readyAt: string | null;
}

/** What waits at restaurants, what I have with me, and what I brought last. */
export interface Round {
  readonly ready: readonly Job[];
  readonly withMe: readonly Job[];
  readonly delivered: readonly Job[];
}

/** What a courier can do with a job. */
export type Step = 'pickUp' | 'deliver';

/** Where a step takes a job, and from where. */
export const STEPS: Readonly<Record<Step, { readonly from: JobStatus; readonly to: JobStatus }>> = {
  pickUp: { from: 'READY', to: 'PICKED_UP' },
  deliver: { from: 'PICKED_UP', to: 'DELIVERED' },
};

/** What can be done with a job next; null when nothing is left. */
export function nextStep({ status }: Pick<Job, 'status'>): Step | null {
  return status === 'READY' ? 'pickUp' : status === 'PICKED_UP' ? 'deliver' : null;
}
