import { describe, expect, it } from 'vitest';
import { Refresher } from '../../offline/refresher.ts';
import { FakeClock } from './fake-clock.ts';

/** Readings that end when they are told to. */
function world() {
  const clock = new FakeClock();
  const ends: (() => void)[] = [];
  const refresher = new Refresher(clock, () => new Promise((resolve) => ends.push(resolve)));
  return { clock, ends, refresher };
}

describe('reading what changes often', () => {
  it('shares one reading among those who ask before it begins', async () => {
    const { clock, ends, refresher } = world();
    for (let turn = 0; turn < 10; turn += 1) void refresher.ask();
    await clock.pass(0);
    expect(ends).toHaveLength(1);
  });

  it('reads once more for those who asked while it read, and never two at a time', async () => {
    const { clock, ends, refresher } = world();
    const first = refresher.ask();
    await clock.pass(0);
    const second = refresher.ask();
    void refresher.ask();
    await clock.pass(0);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await first;
    await clock.pass(0);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await second;
  });

  it('rests after a reading that took long', async () => {
    const { clock, ends, refresher } = world();
    void refresher.ask();
    await clock.pass(50);
    void refresher.ask();
    ends[0]?.();
    await clock.pass(449);
    expect(ends).toHaveLength(1);
    await clock.pass(1);
    expect(ends).toHaveLength(2);
  });

  it('tells of a failure, and reads again all the same', async () => {
    let turn = 0;
    const refresher = new Refresher(new FakeClock(), async () => {
      turn += 1;
      if (turn === 1) throw new Error('closed');
    });
    await expect(refresher.ask()).rejects.toThrow('closed');
    await refresher.ask();
    expect(turn).toBe(2);
  });
});
