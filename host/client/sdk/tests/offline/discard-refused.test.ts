import { LocalError } from '@portico/local';
import { expect, test } from 'vitest';
import { discardRefused } from '../../offline/discard-refused.ts';

/** An outbox in which discarding ends as given; it counts the flushes that come of it. */
function outboxWhere(end: 'gone' | 'discarding' | Error) {
  const made = {
    flushes: 0,
    outbox: {
      discard: async () => {
        if (end instanceof Error) throw end;
        return end;
      },
    },
    flusher: { flush: () => void made.flushes++ },
  };
  return made;
}

test('what the server is still to be told is sent, what is gone needs nothing', async () => {
  const [told, gone] = [outboxWhere('discarding'), outboxWhere('gone')];
  await discardRefused(told, 'k');
  await discardRefused(gone, 'k');
  expect([told.flushes, gone.flushes]).toEqual([1, 0]);
});

test('what another tab discards in the same moment is gone as it should be', async () => {
  await expect(discardRefused(outboxWhere(new LocalError('unknown-key', 'no such')), 'k')).resolves.toBeUndefined();
});

test.each([new LocalError('quota', 'full'), new TypeError('a mistake')])('%s is not hidden', async (error) => {
  await expect(discardRefused(outboxWhere(error), 'k')).rejects.toBe(error);
});
