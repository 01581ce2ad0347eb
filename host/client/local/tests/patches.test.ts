import { describe, expect, it } from 'vitest';
import { canonical, mergePatch, type PatchRow, patched, sameRead } from '../public.ts';

describe('a merge patch', () => {
  // RFC 7396, appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('turns %j with %j into %j', (target, patch, result) => {
    const before = JSON.stringify(target);
    expect(mergePatch(target, patch)).toEqual(result);
    expect(JSON.stringify(target)).toBe(before);
  });

  it('takes __proto__ for a name like any other', () => {
    const result = mergePatch({}, JSON.parse('{"__proto__":{"spoilt":true}}')) as Record<string, unknown>;
    expect(result.spoilt).toBeUndefined();
    expect(JSON.stringify(result)).toBe('{"__proto__":{"spoilt":true}}');
  });
});

const row = (key: string, state: PatchRow['state'], merge: unknown, at = 100): PatchRow => ({
  id: `${key}/0000`,
  key,
  app: 'things',
  read: { path: '/things' },
  merge,
  state,
  at,
});

describe('a cached answer', () => {
  it('shows what waits, in the order of the commands, and counts it', () => {
    const rows = [
      row('k2', 'pending', { a: 2, b: 2 }),
      row('k1', 'pending', { a: 1, c: 1 }),
      row('k3', 'hidden', { a: 3 }),
    ];
    expect(patched({ a: 0 }, rows, 500)).toEqual({ body: { a: 2, b: 2, c: 1 }, pending: 2 });
  });

  it('shows what was done after it was fetched, and leaves alone what the server knew by then', () => {
    const rows = [row('k1', 'confirmed', { a: 1 }, 100)];
    expect(patched({ a: 0 }, rows, 99)).toEqual({ body: { a: 1 }, pending: 0 });
    expect(patched({ a: 7 }, rows, 100)).toEqual({ body: { a: 7 }, pending: 0 });
  });
});

describe('a read', () => {
  it('is the same whatever the order of its variables', () => {
    const read = (variables?: object) => ({
      operation: 'Things',
      document: 'query Things { things }',
      ...(variables && { variables }),
    });
    expect(
      sameRead(
        read({ a: 1, b: { c: 2, d: [1, { x: 1, y: 2 }] } }),
        read({ b: { d: [1, { y: 2, x: 1 }], c: 2 }, a: 1 }),
      ),
    ).toBe(true);
    expect(sameRead(read(), read({}))).toBe(true);
    expect(sameRead(read({ a: 1 }), read({ a: 2 }))).toBe(false);
    expect(sameRead({ path: '/things' }, read())).toBe(false);
    expect(sameRead({ path: '/things' }, { path: '/things' })).toBe(true);
    expect(canonical({ b: undefined, a: null })).toBe('{"a":null}');
  });
});
