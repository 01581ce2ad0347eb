import { describe, expect, it } from 'vitest';
import { ProblemError, problemFrom, SignedOutError } from '../problem.ts';

const problem = (body: unknown, init: ResponseInit): Response =>
  new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/problem+json' }, ...init });

describe('the error of a refused call', () => {
  it('carries the problem document, its code and its extensions', async () => {
    const body = {
      type: 'https://portico.dev/problems/not-valid',
      title: 'Not valid',
      detail: 'Two things are wrong.',
      errors: [{ pointer: '/name', detail: 'is missing' }],
      hint: 'read the docs',
    };
    const error = await problemFrom(problem(body, { status: 422 }));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      status: 422,
      code: 'not-valid',
      title: 'Not valid',
      message: 'Two things are wrong.',
    });
    expect(error.errors).toEqual([{ pointer: '/name', detail: 'is missing' }]);
    expect(error.problem.hint).toBe('read the docs');
  });

  it('believes the status line over the document', async () => {
    expect((await problemFrom(problem({ title: 'x', status: 200 }, { status: 500 }))).status).toBe(500);
  });

  it('is a signed-out error for a 401', async () => {
    const error = await problemFrom(problem({ title: 'Sign in' }, { status: 401 }));
    expect(error).toBeInstanceOf(SignedOutError);
    expect(error.name).toBe('SignedOutError');
  });

  it('tells how long to wait where the server said it in seconds', async () => {
    const wait = async (value: string) =>
      (await problemFrom(new Response(null, { status: 503, headers: { 'Retry-After': value } }))).retryAfter;
    expect(await wait('7')).toBe(7);
    expect(await wait('Wed, 21 Oct 2026 07:28:00 GMT')).toBeUndefined();
  });

  it.each([
    ['no problem document', new Response('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway' })],
    ['a problem document that was cut off', problem({}, { status: 502, statusText: 'Bad Gateway' })],
    ['a problem document that is no object', problem([1], { status: 502, statusText: 'Bad Gateway' })],
  ])('falls back to the status for %s', async (_, response) => {
    expect(await problemFrom(response)).toMatchObject({
      type: 'about:blank',
      status: 502,
      title: 'Bad Gateway',
      errors: [],
    });
  });
});
