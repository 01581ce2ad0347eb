import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import schemaText from '../../../bffs/checkout/schema.graphql?raw';
import manifest from '../app.json';
import kept from '../schemas/schema.graphql?raw';
import { ORDERS_PER_PAGE } from '../src/limits.ts';
import * as operations from '../src/operations.ts';

const schema = buildSchema(schemaText);

test.each(Object.entries(operations))('%s asks only for what the API has', (_name, document) => {
  expect(validate(schema, parse(document)).map(String)).toEqual([]);
});

test('what the manifest has fetched ahead is what the app asks for', () => {
  const ahead = manifest.offline.reads.flatMap(({ ahead }) => (ahead ? [ahead] : []));
  expect(ahead).toEqual([
    { document: operations.BASKET_QUERY },
    { document: operations.MY_ORDERS, variables: { first: ORDERS_PER_PAGE, after: null } },
  ]);
});

test('the contract that is sent with every deploy is the schema that the BFF serves', () => {
  expect(kept).toBe(schemaText);
});
