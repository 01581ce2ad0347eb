import { expect, test } from 'vitest';
import { additionOf, carryOut } from '../src/addition.ts';
import { Refusal } from '../src/refusal.ts';
import { load } from '../src/say.ts';
import { createSession, type Session } from '../src/session.ts';
import { basketOf, counter, euros, FakeApi, FakeKept, settled } from './fake-api.ts';

await load();

const PIZZA = { id: 'message-1', dishId: 'pizza', name: 'Pizza' };

function session(): { api: FakeApi; session: Session } {
  const api = new FakeApi();
  const nothing = () => () => undefined;
  const parts = { api, name: 'Ada', newKey: counter(), additions: nothing, moves: nothing, goTo: () => undefined };
  const connection = { online: () => true, readsShowWaiting: () => true };
  return { api, session: createSession({ ...parts, connection, kept: new FakeKept(), now: () => new Date(0) }) };
}

test.each([null, 'pizza', {}, { dishId: 7, name: 'Pizza' }, { dishId: '', name: 'Pizza' }, { dishId: 'pizza' }])(
  'a message that names no dish is none of ours: %j',
  (data) => {
    expect(additionOf('message-1', data)).toBeNull();
  },
);

const SHOWN = {
  restaurantName: 'Trattoria',
  unitPrice: { amount: 950, currency: 'EUR' },
  delivery: { amount: 190, currency: 'EUR' },
};

test('a message that says what a dish costs is taken at its word for what is shown', () => {
  expect(additionOf('message-1', { dishId: 'pizza', name: 'Pizza', ...SHOWN })?.facts).toEqual({
    name: 'Pizza',
    restaurantName: 'Trattoria',
    unitPrice: euros(950),
    delivery: euros(190),
  });
});

test.each([
  {},
  { ...SHOWN, delivery: undefined },
  { ...SHOWN, unitPrice: { amount: 9.5, currency: 'EUR' } },
  { ...SHOWN, unitPrice: { amount: 950, currency: '€' } },
  { ...SHOWN, delivery: { amount: 190, currency: 'USD' } },
  { ...SHOWN, restaurantName: 7 },
])('a message that says it by halves is taken without: %j', (data) => {
  expect(additionOf('message-1', { dishId: 'pizza', name: 'Pizza', ...data })).toEqual({ ...PIZZA, facts: undefined });
});

test('an addition becomes a command under the message’s id, and is confirmed', async () => {
  const { api, session: own } = session();
  const taken = carryOut(own, PIZZA);
  await settled();
  expect(api.changes[0]).toMatchObject({ key: 'message-1', input: { kind: 'add', dishId: 'pizza', quantity: 1 } });
  api.changes[0]?.answer(basketOf(1, ['pizza', 1, 950]));
  await taken;
  expect(own.added.snapshot()).toBe('Pizza is in your basket.');
  own.added.dismiss();
});

test('an addition that is only saved yet is said to be that', async () => {
  const { api, session: own } = session();
  const taken = carryOut(own, PIZZA);
  await settled();
  api.changes[0]?.keep();
  await taken;
  expect(own.added.snapshot()).toBe('Pizza is in your basket, saved on this device.');
  own.added.dismiss();
});

test('a refused addition is done with, and not confirmed', async () => {
  const { api, session: own } = session();
  const taken = carryOut(own, PIZZA);
  await settled();
  api.changes[0]?.fail(new Refusal('No.', 'unknown-dish', 'refused'));
  await taken;
  expect(own.added.snapshot()).toBeNull();
  expect(own.basket.snapshot().failure?.refusal.code).toBe('unknown-dish');
});

test('an addition whose answer is lost rejects, so that the message is delivered again', async () => {
  const { api, session: own } = session();
  const taken = carryOut(own, PIZZA);
  await settled();
  api.changes[0]?.fail(new Refusal('No answer.', 'network', 'unknown'));
  await expect(taken).rejects.toMatchObject({ outcome: 'unknown' });
});
