import { describe, expect, it } from 'vitest';
import { SyncAsker } from '../../offline/sync-asker.ts';
import { FakeClock } from './fake-clock.ts';

const OFFLINE = { online: false, pending: 1 };

function world() {
  const clock = new FakeClock();
  let asked = 0;
  const asker = new SyncAsker(clock, () => {
    asked += 1;
  });
  return { clock, asker, asked: () => asked };
}

describe('asking the browser to wake the worker', () => {
  it('asks when something waits and no server answers', () => {
    const { asker, asked } = world();
    asker.look({ online: true, pending: 1 });
    asker.look({ online: false, pending: 0 });
    expect(asked()).toBe(0);
    asker.look(OFFLINE);
    expect(asked()).toBe(1);
  });

  it('asks once a minute, however often things change', async () => {
    const { clock, asker, asked } = world();
    for (let turn = 0; turn < 100; turn += 1) {
      asker.look(OFFLINE);
      asker.look({ online: true, pending: 1 });
    }
    asker.look(OFFLINE);
    expect(asked()).toBe(1);
    await clock.pass(59_999);
    expect(asked()).toBe(1);
    await clock.pass(1);
    expect(asked()).toBe(2);
  });

  it('does not ask later when all was sent by then, or when the page has stopped', async () => {
    const { clock, asker, asked } = world();
    asker.look(OFFLINE);
    asker.look(OFFLINE);
    asker.look({ online: true, pending: 0 });
    await clock.pass(60_000);
    expect(asked()).toBe(1);
    asker.look(OFFLINE);
    asker.look(OFFLINE);
    asker.stop();
    await clock.pass(60_000);
    expect(asked()).toBe(2);
  });
});
