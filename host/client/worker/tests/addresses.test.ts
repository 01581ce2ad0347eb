import { describe, expect, it } from 'vitest';
import { kindOf } from '../addresses.ts';

const ORIGIN = 'https://portico.test';
const OURS = { 'Portico-Person': 'ada', Accept: 'application/json' };

function kind(path: string, init: { method?: string; mode?: string; headers?: Record<string, string> } = {}) {
  const { method = 'GET', mode = 'cors', headers = {} } = init;
  return kindOf({ method, mode, url: new URL(path, ORIGIN).href, headers: new Headers(headers) }, ORIGIN);
}

describe('the worker answers', () => {
  it.each(['/', '/notes/7?tab=2', '/apis', '/authors', '/a.html'])('a navigation to %s', (path) => {
    expect(kind(path, { mode: 'navigate' })).toBe('navigation');
  });

  it('files, but not parts of them', () => {
    expect(kind('/a/notes/0123/notes.js')).toBe('asset');
    expect(kind('/a/notes/0123/film.webm', { headers: { Range: 'bytes=0-' } })).toBeNull();
  });

  it('reads that say for whom they are', () => {
    expect(kind('/api/notes/things', { headers: OURS })).toBe('read');
    expect(kind('/api/notes/things', { headers: { Accept: 'application/json' } })).toBeNull();
  });

  it('GraphQL, which only its body can tell to be a read', () => {
    const headers = { ...OURS, Accept: 'application/graphql-response+json' };
    expect(kind('/api/notes/graphql', { method: 'POST', headers })).toBe('read');
  });
});

describe('the worker passes on, from the network alone,', () => {
  it.each([
    '/auth/sign-in',
    '/api/notes/things',
    '/a/x/y/z.js',
    '/deploy/apps',
    '/dev-idp',
    '/_portico/document',
    '/live',
    '/.well-known/jwks.json',
  ])('a navigation to %s, which is the host’s', (path) => {
    expect(kind(path, { mode: 'navigate' })).toBe('passage');
  });
});

describe('past the worker go', () => {
  it('forms, commands, streams and other origins', () => {
    expect(kind('/things', { mode: 'navigate', method: 'POST' })).toBeNull();
    expect(kind('/api/notes/things', { method: 'POST', headers: OURS })).toBeNull();
    expect(kind('/api/notes/graphql', { method: 'POST', headers: { ...OURS, 'Idempotency-Key': 'k' } })).toBeNull();
    expect(kind('/live?after=1.2', { headers: OURS })).toBeNull();
    expect(kind('/api/notes/stream', { headers: { ...OURS, Accept: 'text/event-stream' } })).toBeNull();
    expect(kind('https://elsewhere.test/a/x.js')).toBeNull();
    expect(kind('https://elsewhere.test/', { mode: 'navigate' })).toBeNull();
  });
});
