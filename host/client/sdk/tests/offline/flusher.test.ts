import type { FlushResult } from '@portico/local';
import { beforeEach, describe, expect, it } from 'vitest';
import { Flusher } from '../../offline/flusher.ts';
import { FakeClock } from './fake-clock.ts';

/** An outbox that counts its flushes and has something to do at `wake`. */
class CountingOutbox {
  flushes: boolean[] = [];
  wake: number | null = null;

  async flush({ now = false }: { now?: boolean } = {}): Promise<FlushResult> {
    this.flushes.push(now);
    return { outcome: 'done', acknowledged: 0, nextWake: this.wake };
  }
  async nextWake(): Promise<number | null> {
    return this.wake;
  }
}

let clock: FakeClock;
let outbox: CountingOutbox;
let asked: boolean[];
let hasWorker: boolean;
let flusher: Flusher;

beforeEach(() => {
  clock = new FakeClock();
  outbox = new CountingOutbox();
  asked = [];
  hasWorker = true;
  flusher = new Flusher({
    outbox,
    clock,
    askWorker: (now) => {
      if (hasWorker) asked.push(now);
      return hasWorker;
    },
    report: (error) => {
      throw error;
    },
  });
});

describe('who sends what waits', () => {
  it('is the page when there is no worker', async () => {
    hasWorker = false;
    flusher.flush({ now: true });
    await clock.pass(0);
    expect(outbox.flushes).toEqual([true]);
  });

  it('is the worker when there is one and it gets on', async () => {
    flusher.flush();
    for (let sign = 0; sign < 10; sign++) {
      await clock.pass(2_000);
      flusher.progressed();
      await clock.pass(30_000);
      flusher.progressed();
    }
    await flusher.flushedByWorker();
    await clock.pass(600_000);
    expect(asked).toEqual([false]);
    expect(outbox.flushes).toEqual([]);
  });

  it('is the page when the worker was ended in the middle of its work', async () => {
    flusher.flush();
    await clock.pass(2_000);
    flusher.progressed();
    await clock.pass(39_999);
    expect(outbox.flushes).toEqual([]);
    await clock.pass(1);
    expect(outbox.flushes).toEqual([false]);
    await clock.pass(600_000);
    expect(outbox.flushes).toHaveLength(1);
  });

  it('is this page when another, which had something to send, is gone', async () => {
    flusher.expected();
    await clock.pass(40_000);
    expect(outbox.flushes).toEqual([false]);
  });

  it('is the page in time, whatever is added while the worker gives no sign of life', async () => {
    flusher.flush({ now: true });
    await clock.pass(2_000);
    flusher.expected();
    await clock.pass(1_000);
    expect(outbox.flushes).toEqual([true]);
  });

  it('is the page when the worker gives no sign of life', async () => {
    flusher.flush({ now: true });
    await clock.pass(3_000);
    expect(outbox.flushes).toEqual([true]);
  });

  it('is the page when the worker has flushed and something is still due', async () => {
    outbox.wake = clock.now();
    await flusher.flushedByWorker();
    expect(outbox.flushes).toEqual([false]);
  });
});

describe('the next flush', () => {
  it('comes when the outbox says, and asks the worker', async () => {
    outbox.wake = clock.now() + 10_000;
    await flusher.flushHere(false);
    await clock.pass(9_999);
    expect(asked).toEqual([]);
    await clock.pass(1);
    expect(asked).toEqual([false]);
  });

  it('never comes at once without end', async () => {
    hasWorker = false;
    outbox.wake = 0;
    await flusher.flushHere(false);
    await clock.pass(1_000);
    expect(outbox.flushes).toHaveLength(5);
  });

  it('does not come after the end', async () => {
    outbox.wake = clock.now() + 10_000;
    await flusher.flushHere(false);
    flusher.stop();
    await clock.pass(60_000);
    expect([asked, outbox.flushes]).toEqual([[], [false]]);
  });
});
