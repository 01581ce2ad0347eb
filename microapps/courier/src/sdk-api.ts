/** The adapter from the courier's port to the sdk. */
import { type Api, GraphQLError, ProblemError } from '@portico/sdk';
import { graphqlCommand, live, outbox, status } from '@portico/sdk/offline';
import type { CourierApi, Outcome } from './api.ts';
import { waitingOf } from './entry.ts';
import type { Job, Round, Step } from './model.ts';
import * as operations from './operations.ts';
import { t } from './say.ts';
import type { Waiting } from './waiting.ts';

const DOCUMENTS: Readonly<Record<Step, string>> = {
  pickUp: operations.PICK_UP,
  deliver: operations.DELIVER,
};
const WORDS = { pickUp: 'describePickUp', deliver: 'describeDeliver' } as const;

export class SdkCourierApi implements CourierApi {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async round(): Promise<Round> {
    return (await this.#api.graphql<{ readonly round: Round }>(operations.ROUND)).round;
  }

  /** A job is a lane: its steps are sent in their order, and one that is stuck holds up no other job. */
  async take(step: Step, { id, version, restaurantName }: Job): Promise<Outcome> {
    const describe = t(WORDS[step], { restaurant: restaurantName });
    const options = { describe, lane: id, baseVersion: version, discardRefused: true };
    const result = await graphqlCommand<Record<Step, Job>>(this.#api, DOCUMENTS[step], { id, version }, options);
    if (result.state === 'accepted') return { state: 'done', job: result.data?.[step] ?? null };
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
    live.on('courier.jobs-changed', listener, { signal });
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
