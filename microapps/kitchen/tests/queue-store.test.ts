import { expect, test } from 'vitest';
import type { Queue } from '../src/model.ts';
import { QueueStore } from '../src/queue-store.ts';
import { load } from '../src/say.ts';
import { FakeApi, queueOf, settled, stepOf, taskOf } from './fake-api.ts';

await load();

async function started(queue: Queue): Promise<{ api: FakeApi; store: QueueStore; stop: () => void }> {
  const api = new FakeApi();
  const store = new QueueStore(api);
  const stop = store.start();
  await answered(api, queue);
  return { api, store, stop };
}

async function answered(api: FakeApi, queue: Queue): Promise<void> {
  await settled();
  api.reads.at(-1)?.answer(queue);
  await settled();
}

const shown = (store: QueueStore) =>
  store.snapshot().shown?.queue.map(({ id, status, pending }) => [id, status, pending]);

test('the queue is read when it starts, and again when it changed', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  api.change();
  await answered(api, queueOf(taskOf('a'), taskOf('b')));
  expect(shown(store)).toEqual([
    ['a', 'NEW', false],
    ['b', 'NEW', false],
  ]);
});

test('changes during a reading are read once more, however many they were', async () => {
  const { api } = await started(queueOf());
  const before = api.reads.length;
  api.change();
  await settled();
  api.change();
  api.change();
  await answered(api, queueOf());
  await answered(api, queueOf());
  expect(api.reads).toHaveLength(before + 2);
});

test('an order that is new is told of; those that were there at the start are not', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  expect(store.snapshot().news.count).toBe(0);
  api.change();
  await answered(api, queueOf(taskOf('a'), taskOf('b')));
  expect(store.snapshot().news).toMatchObject({ text: 'A new order for Customer of b.', bad: false, count: 1 });
});

test('a step shows as soon as it is saved, before any answer', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  void store.take('accept', taskOf('a'));
  api.entries = [stepOf('accept', 'a', 1)];
  api.change();
  await settled();
  expect(shown(store)).toEqual([['a', 'ACCEPTED', true]]);
});

test('a step shows as soon as it is saved, also while an earlier reading waits for its answer', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  api.change();
  await settled();
  api.entries = [stepOf('accept', 'a', 1)];
  api.change();
  await settled();
  expect(shown(store)).toEqual([['a', 'ACCEPTED', true]]);
  await answered(api, queueOf(taskOf('a')));
  expect(shown(store)).toEqual([['a', 'ACCEPTED', true]]);
});

test('a confirmed step does not flicker back before the queue was read again', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  api.entries = [stepOf('accept', 'a', 1)];
  api.change();
  await answered(api, queueOf(taskOf('a')));
  api.entries = [];
  api.change();
  await settled();
  expect(shown(store)).toEqual([['a', 'ACCEPTED', true]]);
  await answered(api, queueOf(taskOf('a', 'ACCEPTED', 2)));
  expect(shown(store)).toEqual([['a', 'ACCEPTED', false]]);
});

test('a step that was done without an answer shows as the queue tells', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  void store.take('accept', taskOf('a'));
  api.steps.at(-1)?.answer({ state: 'done', task: null });
  await answered(api, queueOf({ ...taskOf('a'), status: 'ACCEPTED', version: 2 }));
  expect(shown(store)).toEqual([['a', 'ACCEPTED', false]]);
  expect(store.snapshot().news.bad).toBe(false);
});

test('a refused step is told in words, and the queue is read again', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  const taken = store.take('accept', taskOf('a'));
  api.steps[0]?.answer({ state: 'refused', why: 'Somebody else took this step just now.' });
  await answered(api, queueOf(taskOf('a', 'ACCEPTED', 2)));
  await taken;
  expect(store.snapshot().news).toMatchObject({ text: 'Somebody else took this step just now.', bad: true });
  expect(shown(store)).toEqual([['a', 'ACCEPTED', false]]);
});

test('a step that could not even be saved is not passed over in silence', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  void store.take('accept', taskOf('a'));
  api.steps[0]?.fail(new Error('quota'));
  await settled();
  expect(store.snapshot().news).toMatchObject({ bad: true });
});

test('a step that was not taken can be given up', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  const stuck = stepOf('accept', 'a', 1, { state: 'conflict' });
  api.entries = [stuck];
  api.change();
  await answered(api, queueOf(taskOf('a', 'READY', 3)));
  void store.giveUp(stuck);
  await answered(api, queueOf());
  expect(api.givenUp).toEqual([stuck.key]);
  expect(store.snapshot().shown?.queue).toEqual([]);
});

test('what could not be read keeps what is on screen, and is forgotten when it could', async () => {
  const { api, store } = await started(queueOf(taskOf('a')));
  api.change();
  await settled();
  api.reads.at(-1)?.fail(new Error('no answer'));
  await settled();
  expect(store.snapshot().failure).toBeInstanceOf(Error);
  expect(shown(store)).toHaveLength(1);
  api.change();
  await answered(api, queueOf());
  expect(store.snapshot()).toMatchObject({ failure: undefined, shown: { queue: [], done: [] } });
});

test('who leaves listens no more', async () => {
  const { api, stop } = await started(queueOf());
  expect(api.listeners).toBe(2);
  stop();
  expect(api.listeners).toBe(0);
});

test('an order that leaves the queue is told of, unless it was rejected here', async () => {
  const { api, store } = await started(queueOf(taskOf('a'), taskOf('b'), taskOf('c', 'ACCEPTED', 2)));
  void store.take('reject', taskOf('a'), 'TOO_BUSY');
  api.steps.at(-1)?.answer({ state: 'done', task: { ...taskOf('a', 'REJECTED', 2) } });
  await answered(api, { queue: [taskOf('b')], done: [taskOf('c', 'READY', 3)] });
  expect(store.snapshot().news.count).toBe(0);
  api.change();
  await answered(api, queueOf());
  expect(store.snapshot().news.text).toMatch(/^The order for Customer of b is not to be cooked any more/);
});
