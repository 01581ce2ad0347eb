import { describe, expect, it } from 'vitest';
import { Leader, type Locks } from '../../offline/leader.ts';
import { settle } from './fake-clock.ts';

/** Web Locks as far as they are used: one holder, the others in a queue. */
class OneLock implements Locks {
  #tail: Promise<unknown> = Promise.resolve();

  request(_: string, { signal }: { signal: AbortSignal }, run: () => Promise<unknown>): Promise<unknown> {
    const mine = this.#tail.then(() => (signal.aborted ? Promise.reject(signal.reason) : run()));
    this.#tail = mine.catch(() => undefined);
    return mine;
  }
}

function tabs(count: number) {
  const locks = new OneLock();
  const leading = new Set<number>();
  const reported: unknown[] = [];
  const leaders = Array.from({ length: count }, (_, tab) => {
    const lead = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        leading.add(tab);
        signal.addEventListener('abort', () => {
          leading.delete(tab);
          resolve();
        });
      });
    return new Leader(locks, 'live', lead, (error) => reported.push(error));
  });
  return { leaders, leading, reported };
}

describe('the tabs of a browser', () => {
  it('have one leader, and the next takes over when it goes', async () => {
    const { leaders, leading, reported } = tabs(3);
    for (const leader of leaders) leader.start();
    await settle();
    expect([...leading]).toEqual([0]);
    leaders[0]?.stop();
    await settle();
    expect([...leading]).toEqual([1]);
    leaders[2]?.stop();
    leaders[1]?.stop();
    await settle();
    expect([...leading]).toEqual([]);
    expect(reported).toEqual([]);
  });

  it('lets one stand again, and counts it once however often it is started', async () => {
    const { leaders, leading } = tabs(1);
    const [leader] = leaders;
    leader?.start();
    leader?.start();
    await settle();
    leader?.stop();
    await settle();
    leader?.start();
    await settle();
    expect([...leading]).toEqual([0]);
    leader?.stop();
    await settle();
    expect([...leading]).toEqual([]);
  });

  it('reports a leader that fails, and may stand again', async () => {
    const reported: unknown[] = [];
    let fails = true;
    let led = 0;
    const lead = async (): Promise<void> => {
      led += 1;
      if (fails) throw new Error('no room');
    };
    const leader = new Leader(new OneLock(), 'live', lead, (error) => reported.push(error));
    leader.start();
    await settle();
    expect(reported).toHaveLength(1);
    fails = false;
    leader.start();
    await settle();
    expect(led).toBe(2);
  });
});
