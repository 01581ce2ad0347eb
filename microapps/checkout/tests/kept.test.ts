import { expect, test } from 'vitest';
import { type Kept, KeptStore, stuckOf } from '../src/kept.ts';
import { type EntryPart, keptOf as keptOfEntries } from '../src/kept-commands.ts';
import { ADD_TO_BASKET, SUBMIT_ORDER } from '../src/operations.ts';
import { load } from '../src/say.ts';
import { euros, FakeKept, keptOf, orderOf } from './fake-api.ts';

await load();

const INPUT = { address: orderOf('').address, note: '', seenTotal: euros(1140) };

function entry(more: Partial<EntryPart> = {}): EntryPart {
  const body = JSON.stringify({ query: SUBMIT_ORDER, variables: { input: INPUT } });
  return { key: 'k-1', describe: 'Order', state: 'queued', body, createdAt: 17, lastProblem: null, ...more };
}

const first = (more: Partial<EntryPart> = {}): Kept | undefined => keptOfEntries([entry(more)])[0];

test('an order that is kept tells what it asks for, and when it was saved', () => {
  expect(first()).toEqual({ key: 'k-1', describe: 'Order', state: 'sending', why: '', savedAt: 17, order: INPUT });
});

test('any other command is no order', () => {
  expect(first({ body: JSON.stringify({ query: ADD_TO_BASKET, variables: { input: {} } }) })?.order).toBeNull();
  expect(first({ body: null })?.order).toBeNull();
});

test.each([
  ['queued', 'sending'],
  ['inflight', 'sending'],
  ['paused', 'sending'],
  ['failed', 'stuck'],
  ['conflict', 'stuck'],
] as const)('%s means %s', (state, means) => {
  expect(first({ state })?.state).toBe(means);
});

test('a refusal is told in the server’s words, a conflict in ours', () => {
  const lastProblem = { code: 'total-changed', title: 'Not possible', detail: 'Your basket has changed.', status: 409 };
  expect(first({ state: 'failed', lastProblem })?.why).toBe('Your basket has changed.');
  expect(first({ state: 'conflict', lastProblem })?.why).toMatch(/another device/);
});

test('what is being taken back is kept no more', () => {
  expect(first({ state: 'discarding' })).toBeUndefined();
});

test('the first that is stuck holds up the others', () => {
  const stuck = keptOf('b', { state: 'stuck' });
  expect(stuckOf([keptOf('a'), stuck, keptOf('c', { state: 'stuck' })])).toBe(stuck);
  expect(stuckOf([keptOf('a')])).toBeNull();
});

test('the store shows what the device tells, and passes on what the person decides', async () => {
  const device = new FakeKept();
  const store = new KeptStore(device);
  device.holds(keptOf('a'));
  expect(store.snapshot()).toEqual([keptOf('a')]);
  await store.giveUp('a');
  expect(device.givenUp).toEqual(['a']);
});
