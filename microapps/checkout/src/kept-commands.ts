/** The adapter from what is kept on this device to checkout's port. */
import { outbox } from '@portico/sdk/offline';
import type { Kept, KeptCommands } from './kept.ts';
import type { OrderRequest } from './model.ts';
import { wordsOf } from './refusal-of.ts';
import { t } from './say.ts';

type Entry = Awaited<ReturnType<typeof outbox.entries>>[number];

/** As much of an entry as is looked at. */
export type EntryPart = Pick<Entry, 'key' | 'describe' | 'state' | 'body' | 'createdAt' | 'lastProblem'>;

/** The commands to the BFF at `base`. */
export function keptCommands(base: string): KeptCommands {
  return {
    subscribe: (listener) =>
      outbox.subscribe((entries) => listener(keptOf(entries.filter((entry) => entry.base === base)))),
    giveUp: async (key) => void (await outbox.discard(key)),
  };
}

/** What the entries mean to checkout. One that is being taken back is of no interest any more. */
export function keptOf(entries: readonly EntryPart[]): readonly Kept[] {
  return entries
    .filter(({ state }) => state !== 'discarding')
    .map(({ key, describe, state, body, createdAt, lastProblem }) => ({
      key,
      describe,
      state: state === 'failed' || state === 'conflict' ? 'stuck' : 'sending',
      why: state === 'conflict' ? t('changedMeanwhile') : whyOf(lastProblem),
      savedAt: createdAt,
      order: orderIn(body),
    }));
}

function whyOf(problem: Entry['lastProblem']): string {
  return problem ? wordsOf(problem.code, problem.detail ?? problem.title) : '';
}

function orderIn(body: string | null): OrderRequest | null {
  const { query = '', variables } = JSON.parse(body ?? '{}') as {
    query?: string;
    variables?: { input?: OrderRequest };
  };
  return query.startsWith('mutation SubmitOrder') ? (variables?.input ?? null) : null;
}
