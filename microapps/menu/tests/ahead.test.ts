import { expect, test } from 'vitest';
import { Ahead, type AheadDeps } from '../src/ahead.ts';

/** A browser that is idle when the test says so, and keeps what was fetched. */
function browser(more: Partial<AheadDeps> = {}) {
  const fetched: string[] = [];
  const idle: (() => void)[] = [];
  const ahead = new Ahead({
    fetch: async (id) => fetched.push(id),
    idle: (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        idle.push(resolve);
      }),
    frugal: () => false,
    ...more,
  });
  /** Is idle as often as somebody waits for it. */
  async function beIdle(): Promise<void> {
    for (let wake = idle.shift(); wake; wake = idle.shift()) {
      wake();
      await settled();
    }
  }
  return { ahead, fetched, idle, beIdle };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));
const open = () => new AbortController().signal;

test('nothing is fetched before the browser is idle, then one after the other', async () => {
  const { ahead, fetched, idle, beIdle } = browser();
  ahead.want(['a', 'b'], open());
  expect(fetched).toEqual([]);
  expect(idle).toHaveLength(1);
  await beIdle();
  expect(fetched).toEqual(['a', 'b']);
});

test('each is fetched once, however often it comes into view', async () => {
  const { ahead, fetched, beIdle } = browser();
  ahead.known('b');
  ahead.want(['a', 'b'], open());
  ahead.want(['a', 'c'], open());
  await beIdle();
  expect(fetched.sort()).toEqual(['a', 'c']);
});

test('what came into view last is fetched first', async () => {
  const { ahead, fetched, beIdle } = browser();
  ahead.want(['a', 'b'], open());
  ahead.want(['z'], open());
  await beIdle();
  expect(fetched).toEqual(['z', 'a', 'b']);
});

test('there is a bound', async () => {
  const { ahead, fetched, beIdle } = browser({ most: 2 });
  ahead.want(['a', 'b', 'c'], open());
  await beIdle();
  ahead.want(['d'], open());
  await beIdle();
  expect(fetched).toEqual(['a', 'b']);
});

test('who saves data gets nothing ahead', async () => {
  const { ahead, fetched, idle } = browser({ frugal: () => true });
  ahead.want(['a'], open());
  await settled();
  expect([fetched, idle]).toEqual([[], []]);
});

test('a failure ends it without a word, until more comes into view', async () => {
  const asked: string[] = [];
  const fetch = async (id: string) => {
    asked.push(id);
    if (id === 'a') throw new Error('no answer');
  };
  const { ahead, beIdle } = browser({ fetch });
  ahead.want(['a', 'b'], open());
  await beIdle();
  expect(asked).toEqual(['a']);
  ahead.want(['c'], open());
  await beIdle();
  expect(asked).toEqual(['a', 'c', 'b']);
});

test('who leaves stops it', async () => {
  const { ahead, fetched, beIdle } = browser();
  const control = new AbortController();
  ahead.want(['a'], control.signal);
  control.abort();
  await beIdle();
  expect(fetched).toEqual([]);
  ahead.want(['b'], open());
  await beIdle();
  expect(fetched).toEqual(['b', 'a']);
});
