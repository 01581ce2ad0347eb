import { expect, test } from 'vitest';
import type { Round } from '../src/model.ts';
import { RoundStore } from '../src/round-store.ts';
import { load } from '../src/say.ts';
import { FakeApi, jobOf, roundOf, settled, stepOf } from './fake-api.ts';

await load();

async function started(round: Round): Promise<{ api: FakeApi; store: RoundStore; stop: () => void }> {
  const api = new FakeApi();
  api.known = round;
  const store = new RoundStore(api);
  const stop = store.start();
  await settled();
  return { api, store, stop };
}

test('it is read at the start, and again when it changed, until it is stopped', async () => {
  const { api, store, stop } = await started(roundOf(jobOf('a')));
  api.becomes(roundOf(jobOf('a'), jobOf('b')));
  await settled();
  expect(store.snapshot().shown?.ready.map(({ id }) => id)).toEqual(['a', 'b']);
  stop();
  expect(api.listeners).toBe(0);
});

test('an order that is new at a restaurant is told of; one that was there at the start is not', async () => {
  const { api, store } = await started(roundOf(jobOf('a')));
  expect(store.snapshot().news.count).toBe(0);
  api.becomes(roundOf(jobOf('a'), jobOf('b')));
  await settled();
  expect(store.snapshot().news).toMatchObject({ text: 'An order is ready at Kitchen of b.', bad: false, count: 1 });
});

test('an order that is called off on the way is told of; one that was delivered is not', async () => {
  const { api, store } = await started(roundOf(jobOf('a', 'PICKED_UP', 3), jobOf('b', 'PICKED_UP', 3)));
  api.becomes(roundOf(jobOf('b', 'DELIVERED', 4)));
  await settled();
  expect(store.snapshot().news.text).toBe('The order from Kitchen of a was cancelled. Take it back to the restaurant.');
});

test('a refusal is told in the server’s words', async () => {
  const { api, store } = await started(roundOf(jobOf('a')));
  api.outcome = { state: 'refused', why: 'Another courier was quicker.' };
  await store.take('pickUp', jobOf('a'));
  expect(api.steps).toEqual([['pickUp', 'a']]);
  expect(store.snapshot().news).toMatchObject({ text: 'Another courier was quicker.', bad: true });
});

test('a step shows as soon as it is saved, also while an earlier reading waits for its answer', async () => {
  const { api, store } = await started(roundOf(jobOf('a')));
  api.round = () => new Promise(() => {});
  api.becomes(api.known);
  await settled();
  api.entries = [stepOf('pickUp', 'a', 2)];
  api.becomes(api.known);
  await settled();
  expect(store.snapshot().shown?.withMe.map(({ pending }) => pending)).toEqual([true]);
});

test('a confirmed step does not flicker back before the round was read again', async () => {
  const { api, store } = await started(roundOf(jobOf('a')));
  api.entries = [stepOf('pickUp', 'a', 2)];
  api.becomes(api.known);
  await settled();
  expect(store.snapshot().shown?.withMe.map(({ pending }) => pending)).toEqual([true]);
  api.entries = [];
  api.becomes(roundOf(jobOf('a', 'PICKED_UP', 3)));
  const seen: number[] = [];
  store.subscribe(() => seen.push(store.snapshot().shown?.withMe.length ?? 0));
  await settled();
  expect(new Set(seen)).toEqual(new Set([1]));
  expect(store.snapshot().shown?.withMe.map(({ pending }) => pending)).toEqual([false]);
});
