/** Steps that a cook took and the server has not confirmed, laid over the queue that it told last. */
import { type Queue, STEPS, type Step, type Task } from './model.ts';

/** A step that waits on this device. */
export interface Waiting {
  /** The command's key. */
  readonly key: string;
  readonly taskId: string;
  /** The version of the task that the cook saw. */
  readonly version: number;
  readonly step: Step;
  /** `sending` goes by itself; the others need the cook. */
  readonly state: 'sending' | 'conflict' | 'refused';
  /** Why it needs the cook, where the server said so. */
  readonly why: string | null;
}

/** A task as the cook means it. */
export interface Shown extends Task {
  /** A step that is saved here and not confirmed yet. */
  readonly pending: boolean;
  /** A step that the server did not take. */
  readonly trouble: Waiting | null;
}

export interface ShownQueue {
  readonly queue: readonly Shown[];
  readonly done: readonly Shown[];
}

/**
 * The queue with what waits. A step counts only on the version it was meant for: once the server's answer holds it, the
 * version has moved on, and laying it over once more changes nothing.
 */
export function overlay({ queue, done }: Queue, waiting: readonly Waiting[]): ShownQueue {
  const all = queue.map((task) => withSteps(task, waiting));
  const gone = all.filter(({ status }) => status === 'READY');
  return {
    queue: all.filter(({ status }) => status === 'NEW' || status === 'ACCEPTED'),
    done: [...gone.reverse(), ...done.map((task) => withSteps(task, waiting))],
  };
}

function withSteps(task: Task, waiting: readonly Waiting[]): Shown {
  const own = waiting.filter(({ taskId }) => taskId === task.id);
  return own.reduce<Shown>(take, { ...task, pending: false, trouble: null });
}

function take(shown: Shown, step: Waiting): Shown {
  // What comes after a step that was not taken waits for the cook, too.
  if (shown.trouble) return shown;
  if (step.state !== 'sending') return { ...shown, trouble: step };
  const { from, to } = STEPS[step.step];
  if (shown.version !== step.version || shown.status !== from) return shown;
  return { ...shown, status: to, version: shown.version + 1, pending: true };
}
