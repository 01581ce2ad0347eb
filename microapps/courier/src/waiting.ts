/** Steps that a courier took and the server has not confirmed, laid over the round that it told last. */
import { type Job, type Round, STEPS, type Step } from './model.ts';

/** A step that waits on this device. */
export interface Waiting {
  /** The command's key. */
  readonly key: string;
  readonly jobId: string;
  /** The version of the job that the courier saw. */
  readonly version: number;
  readonly step: Step;
  /** `sending` goes by itself; the others need the courier. */
  readonly state: 'sending' | 'conflict' | 'refused';
  /** Why it needs the courier, where the server said so. */
  readonly why: string | null;
}

/** A job as the courier means it. */
export interface Shown extends Job {
  /** A step that is saved here and not confirmed yet. */
  readonly pending: boolean;
  /** A step that the server did not take. */
  readonly trouble: Waiting | null;
}

export interface ShownRound {
  readonly ready: readonly Shown[];
  readonly withMe: readonly Shown[];
  readonly delivered: readonly Shown[];
}

/**
 * The round with what waits. A step counts only on the version it was meant for: once the server's answer holds it, the
 * version has moved on, and laying it over once more changes nothing.
 */
export function overlay({ ready, withMe, delivered }: Round, waiting: readonly Waiting[]): ShownRound {
  const open = [...withMe, ...ready].map((job) => withSteps(job, waiting));
  const of = (status: Job['status']): readonly Shown[] => open.filter((job) => job.status === status);
  return {
    ready: of('READY'),
    withMe: of('PICKED_UP'),
    delivered: [...of('DELIVERED'), ...delivered.map((job) => withSteps(job, waiting))],
  };
}

function withSteps(job: Job, waiting: readonly Waiting[]): Shown {
  const own = waiting.filter(({ jobId }) => jobId === job.id);
  return own.reduce<Shown>(take, { ...job, pending: false, trouble: null });
}

function take(shown: Shown, step: Waiting): Shown {
  // What comes after a step that was not taken waits for the courier, too.
  if (shown.trouble) return shown;
  if (step.state !== 'sending') return { ...shown, trouble: step };
  const { from, to } = STEPS[step.step];
  if (shown.version !== step.version || shown.status !== from) return shown;
  return { ...shown, status: to, version: shown.version + 1, pending: true };
}
