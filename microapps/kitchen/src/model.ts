/** What the kitchen's BFF answers. Mirrors `bffs/kitchen/schema.graphql`. */

export type TaskStatus = 'NEW' | 'ACCEPTED' | 'READY';

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
export type Step = 'accept' | 'ready';

/** Where a step takes a task, and from where. */
export const STEPS: Readonly<Record<Step, { readonly from: TaskStatus; readonly to: TaskStatus }>> = {
  accept: { from: 'NEW', to: 'ACCEPTED' },
  ready: { from: 'ACCEPTED', to: 'READY' },
};

/** What can be done with a task next; null when nothing is left. */
export function nextStep({ status }: Pick<Task, 'status'>): Step | null {
  return status === 'NEW' ? 'accept' : status === 'ACCEPTED' ? 'ready' : null;
}
