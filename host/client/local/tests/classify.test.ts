import { describe, expect, it } from 'vitest';
import { ANSWERS, type AnswerClass, classify } from '../classify.ts';
import { problemOf } from '../problem.ts';

type Case = [status: number, code: string | null, retryAfter: number | null, means: AnswerClass];

/** Every class of the design (docs/reference/outbox.md), and the neighbours it must not be mistaken for. */
const CASES: Case[] = [
  [200, null, null, 'acknowledged'],
  [201, null, null, 'acknowledged'],
  [204, null, null, 'acknowledged'],
  [401, 'signed-out', null, 'signed-out'],
  [401, 'invalid-token', null, 'signed-out'],
  [401, 'other-person', null, 'other-person'],
  [403, 'role-required', null, 'failed'],
  [400, 'invalid-query', null, 'failed'],
  [404, 'not-found', null, 'failed'],
  [408, null, null, 'later'],
  [409, 'lane-gap', 1, 'gap'],
  [409, 'lane-seq-used', null, 'used'],
  [409, 'command-applied', null, 'applied'],
  [409, 'command-in-progress', 1, 'wait'],
  [409, 'busy-elsewhere', 2, 'wait'],
  [409, 'already-closed', null, 'failed'],
  [410, 'command-skipped', null, 'skipped'],
  [410, 'idempotency-key-expired', null, 'expired'],
  [400, 'idempotency-key-invalid', null, 'expired'],
  [410, 'gone', null, 'failed'],
  [412, 'conflict', null, 'conflict'],
  [413, 'body-too-large', null, 'failed'],
  [422, 'invalid-request', null, 'failed'],
  [422, 'idempotency-key-reused', null, 'bug'],
  [425, null, null, 'later'],
  [429, null, 30, 'later'],
  [500, 'internal-server-error', null, 'later'],
  [502, null, null, 'later'],
  [503, 'store-unavailable', 2, 'later'],
  [504, 'backend-timeout', null, 'later'],
  [302, null, null, 'later'],
  [0, null, null, 'later'],
];

const problem = (status: number, code: string | null) =>
  problemOf(status, code === null ? null : { type: `https://portico.dev/problems/${code}`, title: code });

describe('an answer', () => {
  it.each(CASES)('%s %s with Retry-After %s is "%s"', (status, code, retryAfter, means) => {
    expect(classify({ status, receipt: true, problem: problem(status, code), retryAfter })).toBe(means);
  });

  it.each(CASES)('%s %s without a receipt is no answer at all', (status, code, retryAfter) => {
    expect(classify({ status, receipt: false, problem: problem(status, code), retryAfter })).toBe('later');
  });

  it('has no class that no case tries', () => {
    const tried = new Set(CASES.map(([, , , means]) => means));
    expect(ANSWERS.map(({ means }) => means).filter((means) => !tried.has(means))).toEqual([]);
  });
});

describe('a problem', () => {
  it('is read from a problem document', () => {
    const body = {
      type: 'https://portico.dev/problems/conflict',
      title: 'Changed',
      detail: 'by somebody',
      current: { version: 4 },
    };
    expect(problemOf(412, body)).toEqual({
      code: 'conflict',
      title: 'Changed',
      detail: 'by somebody',
      status: 412,
      current: { version: 4 },
    });
  });

  it('is read from the first error of a GraphQL answer', () => {
    const extensions = { code: 'lane-gap', status: 409, expected: 3 };
    expect(problemOf(409, { data: null, errors: [{ message: 'Too early', extensions }] })).toEqual({
      code: 'lane-gap',
      title: 'Too early',
      status: 409,
      expected: 3,
    });
  });

  it.each([[null], ['<html>'], [{}], [[]], [{ type: 7, title: {}, current: 'x' }]])(
    'is its status when the body is %j',
    (body) => {
      expect(problemOf(500, body)).toEqual({ code: 'status-500', title: 'The server answered 500', status: 500 });
    },
  );
});
