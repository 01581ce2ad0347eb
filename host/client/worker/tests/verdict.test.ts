import { describe, expect, it } from 'vitest';
import { failureOf, isJson, isTheHosts, statusOfErrors } from '../verdict.ts';
import { answer } from './fakes.ts';

describe('an answer', () => {
  it.each([200, 201, 401, 403, 404, 409, 410, 412, 422])('with %i is a true one', (status) => {
    expect(failureOf(answer({}, { status }))).toBeNull();
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('with %i says nothing about what was asked', (status) => {
    expect(failureOf(answer({}, { status }))).toBe('error');
  });

  it('without the receipt of the host is none, whatever its status', () => {
    for (const status of [200, 404, 503]) expect(failureOf(new Response('', { status }))).toBe('network');
    expect(failureOf(answer({}, { headers: { 'Portico-Receipt': 'of-another-request' } }))).toBe('network');
  });

  it('that came by a detour, or of which nothing can be seen, is none', () => {
    const led = Object.defineProperty(answer({}), 'redirected', { value: true });
    const opaque = Object.defineProperty(answer({}), 'type', { value: 'opaque' });
    expect([isTheHosts(led), isTheHosts(opaque)]).toEqual([false, false]);
  });

  it.each([
    ['application/json', true],
    ['application/json; charset=utf-8', true],
    ['application/graphql-response+json;charset=utf-8', true],
    ['text/json-ish', false],
    ['text/html', false],
  ])('of the type %s is JSON: %s', (type, expected) => {
    expect(isJson(new Response('{}', { headers: { 'Content-Type': type } }))).toBe(expected);
  });
});

describe('a GraphQL answer stands for', () => {
  it.each([
    [{ data: {} }, null],
    [{ errors: [] }, null],
    [null, null],
    [{ errors: [{ extensions: { status: 503 }, path: ['a'] }] }, 503],
    [{ errors: [{ path: ['a'] }] }, 500],
    [{ errors: [{ message: 'Syntax' }] }, 400],
  ])('%j: %s', (body, status) => {
    expect(statusOfErrors(body)).toBe(status);
  });
});
