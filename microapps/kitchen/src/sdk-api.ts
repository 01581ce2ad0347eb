/** The adapter from the kitchen's port to the sdk. */
import { type Api, GraphQLError, ProblemError } from '@portico/sdk';
import { graphqlCommand, live, outbox, status } from '@portico/sdk/offline';
import type { KitchenApi, Outcome } from './api.ts';
import { waitingOf } from './entry.ts';
import type { Queue, Reason, Step, Task } from './model.ts';
import * as operations from './operations.ts';
import { t } from './say.ts';
import type { Waiting } from './waiting.ts';

const DOCUMENTS: Readonly<Record<Step, string>> = {
  accept: operations.ACCEPT,
  ready: operations.READY,
  reject: operations.REJECT,
};
const WORDS = { accept: 'describeAccept', ready: 'describeReady', reject: 'describeReject' } as const;

export class SdkKitchenApi implements KitchenApi {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async queue(): Promise<Queue> {
    return (await this.#api.graphql<{ readonly work: Queue }>(operations.QUEUE)).work;
  }

  /** A task is a lane: its steps are sent in their order, and one that is stuck holds up no other task. */
  async take(step: Step, { id, version, customer }: Task, reason?: Reason): Promise<Outcome> {
    const describe = t(WORDS[step], { customer });
    const options = { describe, lane: id, baseVersion: version, discardRefused: true };
    const variables = reason === undefined ? { id, version } : { id, version, reason };
    const result = await graphqlCommand<Record<Step, Task>>(this.#api, DOCUMENTS[step], variables, options);
    if (result.state === 'accepted') return { state: 'done', task: result.data?.[step] ?? null };
    return result.state === 'pending' ? { state: 'waiting' } : { state: 'refused', why: wordsOf(result.error) };
  }

  async waiting(): Promise<readonly Waiting[]> {
    const entries = await outbox.entries();
    return entries
      .filter(({ base }) => base === this.#api.base)
      .sort((one, other) => (one.laneSeq ?? 0) - (other.laneSeq ?? 0))
      .map(waitingOf)
      .filter((waiting) => waiting !== null);
  }

  async giveUp({ key, state }: Waiting): Promise<void> {
    if (state === 'conflict') await outbox.resolve(key, 'theirs');
    else await outbox.discard(key);
  }

  onChange(listener: () => void): () => void {
    const control = new AbortController();
    const { signal } = control;
    live.on('kitchen.queue-changed', listener, { signal });
    let online = status.get().online;
    status.subscribe(
      () => {
        const before = online;
        online = status.get().online;
        if (online && !before) listener();
      },
      { signal },
    );
    return () => control.abort();
  }

  onWaiting(listener: () => void): () => void {
    const control = new AbortController();
    outbox.subscribe(listener, { signal: control.signal });
    return () => control.abort();
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof GraphQLError && error.code === 'conflict') return t('somebodyElse');
  if (error instanceof GraphQLError && error.code !== undefined) return error.errors[0]?.message ?? error.message;
  if (error instanceof ProblemError) return error.message;
  return t('wentWrong');
}
