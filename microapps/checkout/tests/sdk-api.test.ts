import { type Api, GraphQLError, NetworkError, ProblemError, SignedOutError } from '@portico/sdk';
import { expect, test } from 'vitest';
import { Refusal } from '../src/refusal.ts';
import { refusalOf, SdkCheckoutApi } from '../src/sdk-api.ts';
import { basketOf, euros, orderOf } from './fake-api.ts';

interface Sent {
  readonly operation: string | undefined;
  readonly variables: object | undefined;
  readonly key: string | undefined;
}

/** An sdk client that answers from a list (errors are thrown) and keeps what it was asked. */
function client(...answers: unknown[]): { api: SdkCheckoutApi; sent: Sent[] } {
  const sent: Sent[] = [];
  const graphql: Api['graphql'] = async (document, variables, options) => {
    sent.push({
      operation: /(?:query|mutation) (\w+)/.exec(String(document))?.[1],
      variables,
      key: options?.idempotencyKey,
    });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer as never;
  };
  return { api: new SdkCheckoutApi({ graphql } as Api), sent };
}

const problem = (status: number) =>
  new ProblemError({ type: 'https://portico.dev/problems/some-code', title: 'T', status });
const graphqlError = (message: string, extensions?: Record<string, unknown>) =>
  new GraphQLError([{ message, ...(extensions && { extensions }) }]);

test('each change is its own mutation, sent with its key', async () => {
  const basket = basketOf(1);
  const { api, sent } = client({ a: basket }, { b: basket }, { c: basket }, { d: basket });
  await api.change({ kind: 'add', dishId: 'pizza', quantity: 2, fresh: true }, 'k-1');
  await api.change({ kind: 'quantity', dishId: 'pizza', quantity: 3 }, 'k-2');
  await api.change({ kind: 'remove', dishId: 'pizza' }, 'k-3');
  expect(await api.change({ kind: 'clear' }, 'k-4')).toBe(basket);
  expect(sent).toEqual([
    { operation: 'AddToBasket', variables: { input: { dishId: 'pizza', quantity: 2, fresh: true } }, key: 'k-1' },
    { operation: 'ChangeQuantity', variables: { dishId: 'pizza', quantity: 3 }, key: 'k-2' },
    { operation: 'RemoveFromBasket', variables: { dishId: 'pizza' }, key: 'k-3' },
    { operation: 'ClearBasket', variables: {}, key: 'k-4' },
  ]);
});

test('a page of orders is its nodes and where it ends', async () => {
  const nodes = [orderOf('o-1')];
  const { api, sent } = client({ myOrders: { nodes, pageInfo: { endCursor: 'c', hasNextPage: true } } });
  expect(await api.orders('b')).toEqual({ nodes, endCursor: 'c', hasNextPage: true });
  expect(sent[0]?.variables).toEqual({ first: 10, after: 'b' });
});

test('a conflict with another tab is sent again under the same key, but not for ever', async () => {
  const conflict = graphqlError('row moved', { code: 'conflict', status: 412 });
  const request = { address: orderOf('').address, note: '', seenTotal: euros(1) };
  const once = client(conflict, { submitOrder: orderOf('o-1') });
  expect((await once.api.submitOrder(request, 'k-1')).id).toBe('o-1');
  expect(once.sent.map(({ key }) => key)).toEqual(['k-1', 'k-1']);
  const always = client(...Array.from({ length: 9 }, () => conflict));
  await expect(always.api.submitOrder(request, 'k-1')).rejects.toMatchObject({ code: 'conflict', outcome: 'refused' });
  expect(always.sent).toHaveLength(4);
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
