import type { KitchenApi, Outcome } from '../src/api.ts';
import type { Queue, Step, Task, TaskStatus } from '../src/model.ts';
import type { Waiting } from '../src/waiting.ts';

export function taskOf(id: string, status: TaskStatus = 'NEW', version = 1): Task {
  return {
    id,
    version,
    status,
    restaurantName: 'Trattoria',
    customer: `Customer of ${id}`,
    placedAt: '2026-03-01T18:30:00Z',
    count: 2,
    lines: [{ name: 'Pizza', quantity: 2 }],
    note: '',
  };
}

export function stepOf(step: Step, taskId: string, version: number, more: Partial<Waiting> = {}): Waiting {
  return { key: `${step} ${taskId}`, taskId, version, step, state: 'sending', why: null, ...more };
}

export function queueOf(...queue: readonly Task[]): Queue {
  return { queue, done: [] };
}

/** A call that waits for its test to answer it. */
export interface Asked<Input, Answer> {
  readonly input: Input;
  answer(value: Answer): void;
  fail(error: unknown): void;
}

/** A BFF and an outbox whose every answer the test gives by hand; what waits is a plain list. */
export class FakeApi implements KitchenApi {
  readonly reads: Asked<null, Queue>[] = [];
  readonly steps: Asked<readonly [Step, Task], Outcome>[] = [];
  readonly givenUp: string[] = [];
  entries: readonly Waiting[] = [];
  readonly #listeners = new Set<() => void>();

  queue(): Promise<Queue> {
    return ask(this.reads, null);
  }

  take(step: Step, task: Task): Promise<Outcome> {
    return ask(this.steps, [step, task]);
  }

  waiting(): Promise<readonly Waiting[]> {
    return Promise.resolve(this.entries);
  }

  giveUp({ key }: Waiting): Promise<void> {
    this.givenUp.push(key);
    this.entries = this.entries.filter((entry) => entry.key !== key);
    return Promise.resolve();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onWaiting(listener: () => void): () => void {
    return this.onChange(listener);
  }

  /** Tells every listener that something changed. */
  change(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}

function ask<Input, Answer>(list: Asked<Input, Answer>[], input: Input): Promise<Answer> {
  return new Promise((answer, fail) => list.push({ input, answer, fail }));
}

/** Lets everything that is ready to run, run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
