import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KeptApp, ReadRule } from '../contents.ts';
import { isOf, keyOf, personIn, readOf } from '../read.ts';
import { GlobPattern, RULE } from './fakes.ts';

const QUERY: ReadRule = { policy: 'network-first', timeoutMs: 1, maxAgeS: 1, maxEntries: 1, graphql: 'Things' };
const APPS: KeptApp[] = [{ app: 'notes', bff: '/api/notes', reads: [RULE, QUERY] }];
const HOST = 'https://portico.test';

beforeEach(() => void vi.stubGlobal('URLPattern', GlobPattern));
afterEach(() => void vi.unstubAllGlobals());

const get = (path: string) => readOf(new Request(HOST + path), 'ada', APPS);

function post(body: unknown) {
  const init = { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  return readOf(new Request(`${HOST}/api/notes/graphql`, init), 'ada', APPS);
}

describe('a GET', () => {
  it('is a read when an app has named its path, and is known by its whole address', async () => {
    const read = await get('/api/notes/things/1?page=2');
    expect(read).toMatchObject({ person: 'ada', app: 'notes', rule: RULE, what: { path: '/things/1?page=2' } });
    expect(read?.key).toBe('/api/notes/things/1?page=2');
    expect(read?.url).toBe('/api/notes/things/1?page=2');
  });

  it('is none for another path or another app', async () => {
    expect(await get('/api/notes/other')).toBeNull();
    expect(await get('/api/notes-two/things/1')).toBeNull();
  });
});

describe('a GraphQL request', () => {
  it('is a read when its query’s name is named', async () => {
    const document = 'query Things($of: ID) { things(of: $of) { id } }';
    const read = await post({ query: document, variables: { of: 1 } });
    expect(read?.what).toEqual({ operation: 'Things', document, variables: { of: 1 } });
    expect(read?.key).toMatch(/^\/api\/notes\/graphql\?operation=Things&asked=[0-9a-f]{64}$/);
  });

  it('has one key for equal variables, and another for any other document or variables', async () => {
    const document = 'query Things { a }';
    const keys = await Promise.all(
      [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 2 }, undefined, null, {}].map((variables) =>
        post({ query: document, variables }),
      ),
    );
    const [first, same, other, ...none] = keys.map((read) => read?.key);
    expect(first).toBe(same);
    expect(first).not.toBe(other);
    expect(new Set(none).size).toBe(1);
    expect((await post({ query: 'query Things { b }' }))?.key).not.toBe(none[0]);
  });

  it.each([
    'mutation Things { a }',
    'subscription Things { a }',
    '{ things }',
    'query Other { a }',
    'query Things { a } query Other { b }',
    '# query Things { a }\nmutation Change { a }',
  ])('is none: %s', async (query) => {
    expect(await post({ query })).toBeNull();
  });

  it('is judged by the operation that is asked for', async () => {
    const query = 'query Things { a } mutation Change { b }';
    expect((await post({ query, operationName: 'Things' }))?.what).toMatchObject({ operation: 'Things' });
    expect(await post({ query, operationName: 'Change' })).toBeNull();
  });

  it.each(['', '[]', 'null', '{"query":7}'])('is none when its body is %j', async (body) => {
    expect(await post(body)).toBeNull();
  });

  it('keeps its body to be sent', async () => {
    const request = new Request(`${HOST}/api/notes/graphql`, {
      method: 'POST',
      body: '{"query":"query Things { a }"}',
    });
    await readOf(request, 'ada', APPS);
    expect(await request.text()).toBe('{"query":"query Things { a }"}');
  });
});

it('what a command says it changes has the key of the read', async () => {
  const document = 'query Things { a }';
  const read = await post({ query: document, variables: { a: 1 } });
  expect(await keyOf('/api/notes', { operation: 'Things', document, variables: { a: 1 } })).toBe(read?.key);
  expect(await keyOf('/api/notes', { path: '/things/1' })).toBe('/api/notes/things/1');
});

it('a stored key is of the rule that named it, and of no other', () => {
  expect(isOf(RULE, '/api/notes', '/api/notes/things/1?x=1')).toBe(true);
  expect(isOf(RULE, '/api/notes', '/api/notes/graphql?operation=Things&asked=0')).toBe(false);
  expect(isOf(QUERY, '/api/notes', '/api/notes/graphql?operation=Things&asked=0')).toBe(true);
  expect(isOf(QUERY, '/api/notes', '/api/notes/graphql?operation=Other&asked=0')).toBe(false);
});

it.each([
  ['idp%7CZo%C3%AB', 'idp|Zoë'],
  ['', null],
  ['%', null],
])('the person in %j is %j', (value, person) => {
  expect(personIn(new Headers({ 'Portico-Person': value }))).toBe(person);
});
