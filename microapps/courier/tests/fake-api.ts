import type { CourierApi, Outcome } from '../src/api.ts';
import type { Job, JobStatus, Round, Step } from '../src/model.ts';
import type { Waiting } from '../src/waiting.ts';

export function jobOf(id: string, status: JobStatus = 'READY', version = 2): Job {
  return {
    id,
    version,
    status,
    restaurantName: `Kitchen of ${id}`,
    count: 2,
    note: '',
    to: { name: 'Ada', street: 'Row 12', postalCode: '1815', city: 'London' },
    readyAt: '2026-03-01T18:30:00Z',
  };
}

export function stepOf(step: Step, jobId: string, version: number, more: Partial<Waiting> = {}): Waiting {
  return { key: `${step} ${jobId}`, jobId, version, step, state: 'sending', why: null, ...more };
}

export function roundOf(...jobs: readonly Job[]): Round {
  const of = (status: JobStatus): readonly Job[] => jobs.filter((job) => job.status === status);
  return { ready: of('READY'), withMe: of('PICKED_UP'), delivered: of('DELIVERED') };
}

/** A BFF that answers from what the test put into it, and an outbox that is a plain list. */
export class FakeApi implements CourierApi {
  known: Round = roundOf();
  outcome: Outcome = { state: 'done', job: null };
  entries: readonly Waiting[] = [];
  reads = 0;
  readonly steps: (readonly [Step, string])[] = [];
  readonly #listeners = new Set<() => void>();

  async round(): Promise<Round> {
    this.reads += 1;
    return this.known;
  }

  async take(step: Step, { id }: Job): Promise<Outcome> {
    this.steps.push([step, id]);
    return this.outcome;
  }

  async waiting(): Promise<readonly Waiting[]> {
    return this.entries;
  }

  async giveUp({ key }: Waiting): Promise<void> {
    this.entries = this.entries.filter((entry) => entry.key !== key);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onWaiting(listener: () => void): () => void {
    return this.onChange(listener);
  }

  /** The server tells another round from now on, and says so. */
  becomes(round: Round): void {
    this.known = round;
    for (const listener of [...this.#listeners]) listener();
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}

/** Lets everything that is ready to run, run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
