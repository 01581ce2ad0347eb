/** What an entry of the outbox means to the courier. */
import type { Step } from './model.ts';
import type { Waiting } from './waiting.ts';

/** As much of an entry as tells the step. */
export interface EntryPart {
  readonly key: string;
  /** JSON text: a GraphQL request. */
  readonly body: string | null;
  readonly state: 'queued' | 'inflight' | 'paused' | 'conflict' | 'failed' | 'discarding';
  readonly lastProblem: { readonly title: string; readonly detail?: string } | null;
}

const STEPS: ReadonlyMap<string, Step> = new Map([
  ['PickUp', 'pickUp'],
  ['Deliver', 'deliver'],
]);

interface SentBody {
  readonly query?: string;
  readonly variables?: { readonly id?: string; readonly version?: number };
}

/** The step that an entry of the outbox stands for; null for what is not one, or is being taken back. */
export function waitingOf({ key, body, state, lastProblem }: EntryPart): Waiting | null {
  const { query = '', variables = {} } = JSON.parse(body ?? '{}') as SentBody;
  const step = STEPS.get(/^mutation (PickUp|Deliver)\b/.exec(query)?.[1] ?? '');
  if (!step || variables.id === undefined || variables.version === undefined || state === 'discarding') return null;
  const stuck = state === 'conflict' ? 'conflict' : state === 'failed' ? 'refused' : 'sending';
  return {
    key,
    jobId: variables.id,
    version: variables.version,
    step,
    state: stuck,
    why: stuck === 'refused' ? (lastProblem?.detail ?? lastProblem?.title ?? null) : null,
  };
}
