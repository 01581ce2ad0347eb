import { beforeEach, describe, expect, it } from 'vitest';
import { HINTS_MS, Probe } from '../../offline/probe.ts';
import { StatusStore } from '../../offline/status-store.ts';
import { FakeClock, settle } from './fake-clock.ts';

let clock: FakeClock;
let status: StatusStore;
/** The questions that the server has got, each with what answers it. */
let asked: ((online: boolean) => void)[];
let probe: Probe;

beforeEach(() => {
  clock = new FakeClock();
  status = new StatusStore();
  asked = [];
  probe = new Probe(status, clock, () => new Promise((resolve) => asked.push(resolve)));
});

async function answer(online: boolean): Promise<void> {
  asked.at(-1)?.(online);
  await settle();
}

describe('a probe', () => {
  it('asks at once at the first hint, and once more for all that follow', async () => {
    probe.hint();
    expect(asked).toHaveLength(1);
    await answer(false);
    for (let burst = 0; burst < 10; burst++) {
      probe.hint();
      await clock.pass(30);
    }
    expect(asked).toHaveLength(1);
    await clock.pass(HINTS_MS);
    expect(asked).toHaveLength(2);
    await answer(true);
    expect(status.get().online).toBe(true);
    await clock.pass(10 * HINTS_MS);
    expect(asked).toHaveLength(2);
  });

  it('asks every two seconds while hints go on', async () => {
    for (let tenth = 0; tenth < 99; tenth++) {
      probe.hint();
      await answer(false);
      await clock.pass(100);
    }
    expect(asked).toHaveLength(10_000 / HINTS_MS);
  });

  it('asks anew for a hint that came while an older question was open', async () => {
    probe.hint();
    await clock.pass(5_000);
    probe.hint();
    await clock.pass(0);
    expect(asked).toHaveLength(1);
    await answer(false);
    expect(asked).toHaveLength(2);
    await answer(true);
    expect(status.get().online).toBe(true);
  });

  it('does not make somebody wait who asks', async () => {
    probe.hint();
    await answer(false);
    const reached = probe.ask();
    expect(asked).toHaveLength(2);
    await answer(true);
    expect(await reached).toBe(true);
  });

  it('forgets the hints when it is stopped', async () => {
    probe.hint();
    await answer(true);
    probe.hint();
    probe.stop();
    await clock.pass(HINTS_MS);
    expect(asked).toHaveLength(1);
    expect(clock.due).toEqual([]);
  });
});
