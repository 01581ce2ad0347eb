import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import schemaText from '../../../bffs/tracking/schema.graphql?raw';
import * as operations from '../src/operations.ts';

const schema = buildSchema(schemaText);

test.each(Object.entries(operations))('%s asks only for what the API has', (_name, document) => {
  expect(validate(schema, parse(document)).map(String)).toEqual([]);
});
