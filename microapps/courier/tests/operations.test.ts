import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import schemaText from '../../../bffs/courier/schema.graphql?raw';
import manifest from '../app.json';
import * as operations from '../src/operations.ts';

const schema = buildSchema(schemaText);

test.each(Object.entries(operations))('%s asks only for what the API has', (_name, document) => {
  expect(validate(schema, parse(document)).map(String)).toEqual([]);
});

test('what the manifest has fetched ahead is what the app asks for', () => {
  const ahead = manifest.offline.reads.flatMap(({ ahead }) => (ahead ? [ahead] : []));
  expect(ahead).toEqual([{ document: operations.ROUND }]);
});
