import { expect, test } from 'vitest';
import { additionOf, carryOut } from '../src/addition.ts';
import { Refusal } from '../src/refusal.ts';
import { createSession, type Session } from '../src/session.ts';
import { basketOf, counter, FakeApi, settled } from './fake-api.ts';

const PIZZA = { id: 'message-1', dishId: 'pizza', name: 'Pizza' };

function session(): { api: FakeApi; session: Session } {
  const api = new FakeApi();
  const parts = { api, name: 'Ada', newKey: counter(), additions: () => () => undefined, goTo: () => undefined };
  return { api, session: createSession(parts) };
}

test.each([null, 'pizza', {}, { dishId: 7, name: 'Pizza' }, { dishId: '', name: 'Pizza' }, { dishId: 'pizza' }])(
  'a message that names no dish is none of ours: %j',
  (data) => {
    expect(additionOf('message-1', data)).toBeNull();
  },
);

test('of a message, the dish and its name are taken, never its price', () => {
  expect(additionOf('message-1', { dishId: 'pizza', name: 'Pizza', unitPrice: { minor: 1 } })).toEqual(PIZZA);
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
