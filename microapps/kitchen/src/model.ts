/** What the kitchen's BFF answers. Mirrors `bffs/kitchen/schema.graphql`. */

/** Of what was rejected, or expired, nothing is to do; the queue shows neither. */
export type TaskStatus = 'NEW' | 'ACCEPTED' | 'READY' | 'REJECTED' | 'EXPIRED';

/** Why a restaurant does not take an order. */
export const REASONS = ['SOLD_OUT', 'TOO_BUSY', 'CLOSING'] as const;
export type Reason = (typeof REASONS)[number];

export interface TaskLine {
  readonly name: string;
  readonly quantity: number;
}

/** An order as the kitchen sees it. */
export interface Task {
  /** The order's id. */
  readonly id: string;
  /** Grows by one with every change; a command names the one it means. */
  readonly version: number;
  readonly status: TaskStatus;
  readonly restaurantName: string;
  /** The name on the bag. */
  readonly customer: string;
  readonly placedAt: string;
  readonly count: number;
  readonly lines: readonly TaskLine[];
  readonly note: string;
}

/** What is to be done, oldest first, and what was done last, newest first. */
export interface Queue {
  readonly queue: readonly Task[];
  readonly done: readonly Task[];
}

/** What a cook can do with a task. */
export type Step = 'accept' | 'ready' | 'reject';

/** Where a step takes a task, and from where. */
export const STEPS: Readonly<Record<Step, { readonly from: TaskStatus; readonly to: TaskStatus }>> = {
  accept: { from: 'NEW', to: 'ACCEPTED' },
  ready: { from: 'ACCEPTED', to: 'READY' },
  reject: { from: 'NEW', to: 'REJECTED' },
};

/** What can be done with a task next, if it is not rejected; null when nothing is left. */
export function nextStep({ status }: Pick<Task, 'status'>): 'accept' | 'ready' | null {
  return status === 'NEW' ? 'accept' : status === 'ACCEPTED' ? 'ready' : null;
}
