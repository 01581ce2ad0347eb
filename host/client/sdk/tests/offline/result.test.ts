import { GraphQLError, ProblemError } from '@portico/sdk';
import { expect, test } from 'vitest';
import { endOf } from '../../offline/result.ts';

const problem = {
  code: 'invalid-thing',
  title: 'Not possible',
  detail: 'Some details are missing.',
  status: 422,
  errors: [{ pointer: '/input/name', detail: 'Enter a name.' }],
};
const refused = { kind: 'entry', key: 'k', app: 'shop', lane: null, state: 'failed', problem } as const;

test('a refused mutation says what was wrong with which field, as the answer did', () => {
  const end = endOf(refused, true);
  expect(end?.state).toBe('rejected');
  const error = end?.state === 'rejected' ? end.error : undefined;
  expect(error).toBeInstanceOf(GraphQLError);
  expect(error).toMatchObject({ code: 'invalid-thing', message: 'Some details are missing.' });
  expect((error as GraphQLError).errors[0]?.extensions?.errors).toEqual(problem.errors);
});

test('a refused call over REST is a problem with its fields', () => {
  const end = endOf(refused, false);
  const error = end?.state === 'rejected' ? end.error : undefined;
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ code: 'invalid-thing', status: 422, errors: problem.errors });
});

test('what waits has no end yet', () => {
  expect(endOf({ ...refused, state: 'queued' }, true)).toBeNull();
});
