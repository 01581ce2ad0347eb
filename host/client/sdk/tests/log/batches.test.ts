import { describe, expect, it } from 'vitest';
import { Batches, MOST_IN_BATCH, MOST_OF_PAGE } from '../../log/batches.ts';
import { type Level, LONGEST, MOST_FIELDS, recordOf } from '../../log/record.ts';

function world(sampled = true) {
  const sent: { readonly records: readonly { message: string }[]; readonly dropped?: number }[] = [];
  const timers: (() => void)[] = [];
  let takes = true;
  const batches = new Batches({
    send: (body) => {
      if (takes) sent.push(JSON.parse(body));
      return takes;
    },
    after: (_ms, run) => {
      timers.push(run);
      return () => void timers.splice(timers.indexOf(run), 1);
    },
    page: () => ({ path: '/things' }),
    sampled: () => sampled,
  });
  const add = (message: string, level: Level = 'info'): void => batches.add(recordOf('lamps', level, message, 1));
  return {
    batches,
    sent,
    timers,
    add,
    refuse: () => {
      takes = false;
    },
    take: () => {
      takes = true;
    },
  };
}

describe('records of a page', () => {
  it('are sent together after a while, once', () => {
    const { sent, timers, add } = world();
    add('a');
    add('b');
    expect([sent.length, timers.length]).toEqual([0, 1]);
    timers[0]?.();
    expect(sent).toMatchObject([{ path: '/things', records: [{ message: 'a' }, { message: 'b' }] }]);
    expect(timers).toEqual([]);
  });

  it('are sent at once when they are many, or the page goes', () => {
    const { batches, sent, timers, add } = world();
    for (let number = 0; number < MOST_IN_BATCH + 1; number++) add(`${number}`);
    expect([sent.length, timers.length]).toEqual([1, 1]);
    batches.flush();
    batches.flush();
    expect(sent.map(({ records }) => records.length)).toEqual([MOST_IN_BATCH, 1]);
  });

  it('of a page that is not sampled are its warnings and errors alone', () => {
    const { batches, sent, add } = world(false);
    add('seen');
    add('odd', 'warn');
    add('wrong', 'error');
    batches.flush();
    expect(sent[0]?.records.map(({ message }) => message)).toEqual(['odd', 'wrong']);
  });

  it('end at a bound, and what was dropped is counted', () => {
    const { batches, sent, add, refuse, take } = world();
    refuse();
    for (let number = 0; number < MOST_IN_BATCH; number++) add('lost', 'error');
    take();
    for (let number = MOST_IN_BATCH; number < MOST_OF_PAGE + 3; number++) add('again', 'error');
    batches.flush();
    expect(sent.reduce((sum, { records }) => sum + records.length, 0)).toBe(MOST_OF_PAGE - MOST_IN_BATCH);
    expect(sent[0]?.dropped).toBe(MOST_IN_BATCH);
  });

  it('are cut to their size', () => {
    const fields = Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`f${number}`, 'x'.repeat(9999)]));
    const record = recordOf('lamps', 'error', new TypeError('y'.repeat(9999)), 1.26, { fields, ms: 2.345 });
    expect(record).toMatchObject({ kind: 'measure', at: 1, ms: 2.3 });
    expect(record.message).toHaveLength(LONGEST);
    expect(Object.keys(record.fields ?? {})).toHaveLength(MOST_FIELDS);
    expect(record.fields?.f0).toHaveLength(LONGEST);
  });
});
