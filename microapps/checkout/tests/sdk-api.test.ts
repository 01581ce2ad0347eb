import { type Api, GraphQLError, NetworkError, ProblemError, SignedOutError } from '@portico/sdk';
import type { CommandOptions } from '@portico/sdk/offline';
import { expect, test } from 'vitest';
import * as operations from '../src/operations.ts';
import { Refusal } from '../src/refusal.ts';
import { refusalOf } from '../src/refusal-of.ts';
import { load } from '../src/say.ts';
import { SdkCheckoutApi, type SendCommand } from '../src/sdk-api.ts';
import { basketOf, euros, orderOf } from './fake-api.ts';

await load();

interface SentCommand {
  readonly operation: string | undefined;
  readonly variables: object;
  readonly options: CommandOptions;
}

/** An sdk whose answers come from a list: an error is a refusal, `PENDING` is no answer yet, `LOST` never comes; it keeps what it was asked. */
function sdk(...answers: unknown[]): { api: SdkCheckoutApi; sent: SentCommand[]; now: { online: boolean } } {
  const [sent, now]: [SentCommand[], { online: boolean }] = [[], { online: true }];
  const graphql: Api['graphql'] = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer as never;
  };
  const send: SendCommand = async (_api, document, variables, options) => {
    sent.push({ operation: /mutation (\w+)/.exec(document)?.[1], variables, options });
    const [answer, key] = [answers.shift(), options.key ?? ''];
    if (answer instanceof GraphQLError || answer instanceof ProblemError)
      return { state: 'rejected', key, error: answer };
    if (answer instanceof Error) throw answer;
    return answer === PENDING
      ? PENDING
      : { state: 'accepted', key, data: (answer === LOST ? undefined : answer) as never };
  };
  const connection = { online: () => now.online, readsShowWaiting: () => true };
  return { api: new SdkCheckoutApi({ graphql } as Api, { send, connection }), sent, now };
}

const PENDING = { state: 'pending', key: '', reason: 'offline' } as const;
const LOST = 'done, but its answer was lost';
const EXPECTED = basketOf(7, ['pizza', 2, 950]);
const saved = (key: string) => ({ key, describe: `Do ${key}`, expected: EXPECTED });
const PIZZA = { kind: 'add', dishId: 'pizza', quantity: 2, fresh: true } as const;
const REQUEST = { address: orderOf('').address, note: '', seenTotal: euros(2090) };
const ORDER = { key: 'k-1', describe: 'Order', expected: orderOf('k-1') };

const problem = (status: number) =>
  new ProblemError({ type: 'https://portico.dev/problems/some-code', title: 'T', status });
const graphqlError = (message: string, extensions?: Record<string, unknown>) =>
  new GraphQLError([{ message, ...(extensions && { extensions }) }]);

test('each change is its own mutation, in the basket’s lane, with its key', async () => {
  const basket = basketOf(1);
  const { api, sent } = sdk({ a: basket }, { b: basket }, { c: basket }, { d: basket });
  const facts = { name: 'Pizza', restaurantName: 'Trattoria', unitPrice: euros(1), delivery: euros(1) };
  await api.change({ ...PIZZA, facts }, saved('k-1'));
  await api.change({ kind: 'quantity', dishId: 'pizza', quantity: 3 }, saved('k-2'));
  await api.change({ kind: 'remove', dishId: 'pizza' }, saved('k-3'));
  expect(await api.change({ kind: 'clear' }, saved('k-4'))).toEqual({ state: 'done', value: basket });
  expect(sent.map(({ operation, variables, options }) => [operation, variables, options.key, options.lane])).toEqual([
    ['AddToBasket', { input: { dishId: 'pizza', quantity: 2, fresh: true } }, 'k-1', 'basket'],
    ['ChangeQuantity', { dishId: 'pizza', quantity: 3 }, 'k-2', 'basket'],
    ['RemoveFromBasket', { dishId: 'pizza' }, 'k-3', 'basket'],
    ['ClearBasket', {}, 'k-4', 'basket'],
  ]);
});

test('a change lays what is expected over the basket that is kept here, or stands for it where none is', async () => {
  const { api, sent } = sdk(PENDING);
  expect(await api.change(PIZZA, saved('k-1'))).toEqual({ state: 'kept' });
  expect(sent[0]?.options).toMatchObject({ describe: 'Do k-1', discardRefused: true });
  expect(sent[0]?.options.updates).toEqual([
    {
      app: 'checkout',
      read: { operation: 'Basket', variables: {}, document: operations.BASKET_QUERY },
      merge: { data: { basket: EXPECTED } },
      complete: true,
    },
  ]);
});

test('an order empties the basket that is kept here, and can be read before it was sent', async () => {
  const { api, sent } = sdk(PENDING);
  expect(await api.submitOrder(REQUEST, ORDER)).toEqual({ state: 'kept' });
  const [basket, order] = sent[0]?.options.updates ?? [];
  expect(basket?.merge).toMatchObject({ data: { basket: { lines: [], count: 0, total: euros(0) } } });
  expect(order).toEqual({
    app: 'checkout',
    read: { operation: 'Order', variables: { id: 'k-1' }, document: operations.ORDER_QUERY },
    merge: { data: { order: orderOf('k-1') } },
    complete: true,
  });
});

test('while nobody can be reached, no answer is waited for', async () => {
  const { api, sent, now } = sdk(PENDING, PENDING);
  await api.change(PIZZA, saved('k-1'));
  now.online = false;
  await api.change(PIZZA, saved('k-2'));
  expect(sent.map(({ options }) => options.waitMs)).toEqual([undefined, 0]);
});

test('a page of orders is its nodes and where it ends', async () => {
  const nodes = [orderOf('o-1')];
  const { api } = sdk({ myOrders: { nodes, pageInfo: { endCursor: 'c', hasNextPage: true } } });
  expect(await api.orders('b')).toEqual({ nodes, endCursor: 'c', hasNextPage: true });
});

test('what another device’s change came between goes again under a new key, but not for ever', async () => {
  const conflict = graphqlError('row moved', { code: 'conflict', status: 412 });
  const once = sdk(conflict, { submitOrder: orderOf('o-1') });
  expect(await once.api.submitOrder(REQUEST, ORDER)).toEqual({ state: 'done', value: orderOf('o-1') });
  expect(new Set(once.sent.map(({ options }) => options.key)).size).toBe(2);
  const always = sdk(...Array.from({ length: 9 }, () => conflict));
  await expect(always.api.submitOrder(REQUEST, ORDER)).rejects.toMatchObject({ code: 'conflict', outcome: 'refused' });
  expect(always.sent).toHaveLength(4);
});

const READ = { ...orderOf('k-1'), note: 'Read' };

test('a key that this device’s wrong clock has made gives way to one that the sdk makes', async () => {
  const wrong = graphqlError('the clock is wrong', { code: 'idempotency-key-invalid', status: 400 });
  const { api, sent } = sdk(wrong, { submitOrder: orderOf('o-1') });
  expect(await api.submitOrder(REQUEST, ORDER)).toEqual({ state: 'done', value: orderOf('o-1') });
  expect(sent.map(({ options }) => options.key)).toEqual(['k-1', undefined]);
});

test('what was done without an answer is read anew, and is as expected where even that fails', async () => {
  const basket = basketOf(9, ['pizza', 2, 950]);
  const read = sdk(LOST, { basket }, LOST, { order: READ });
  expect(await read.api.change(PIZZA, saved('k-0'))).toEqual({ state: 'done', value: basket });
  expect(await read.api.submitOrder(REQUEST, ORDER)).toEqual({ state: 'done', value: READ });
  const gone = new NetworkError('x');
  const lost = sdk(LOST, gone, LOST, gone);
  expect(await lost.api.change(PIZZA, saved('k-0'))).toEqual({ state: 'done', value: EXPECTED });
  expect(await lost.api.submitOrder(REQUEST, ORDER)).toEqual({ state: 'done', value: ORDER.expected });
});

test('what could not even be saved may not be taken for refused', async () => {
  const { api } = sdk(new TypeError('no database'));
  await expect(api.change(PIZZA, saved('k-1'))).rejects.toMatchObject({ outcome: 'unknown' });
});

test('a refusal keeps the server’s words, its code, and the fields it names', () => {
  const error = graphqlError('Some details are missing.', {
    code: 'invalid-order',
    status: 422,
    errors: [{ pointer: '/input/address/postalCode', detail: 'Enter a postal code.' }],
  });
  expect(refusalOf(error)).toMatchObject({
    message: 'Some details are missing.',
    code: 'invalid-order',
    outcome: 'refused',
    fields: { postalCode: 'Enter a postal code.' },
  });
});

test.each([
  ['a masked error', graphqlError('secret', { code: 'internal-server-error', status: 500 }), 'unknown'],
  ['an error without a code', graphqlError('Cannot query field "x".'), 'unknown'],
  ['no answer', new NetworkError('x'), 'unknown'],
  ['no answer, and nothing is kept', problem(0), 'unknown'],
  ['502', problem(502), 'unknown'],
  ['409, in progress elsewhere', problem(409), 'unknown'],
  ['429', problem(429), 'unknown'],
  ['403', problem(403), 'refused'],
  ['422, the key was used', problem(422), 'refused'],
  ['401', new SignedOutError({ type: 'about:blank', title: 'T', status: 401 }), 'refused'],
  ['a mistake of ours', new TypeError('x is not a function'), 'unknown'],
] as const)('%s leaves the outcome %s', (_what, error, outcome) => {
  const refusal = refusalOf(error);
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal.outcome).toBe(outcome);
  expect(refusal.message).not.toMatch(/secret|function|Cannot query/);
});
