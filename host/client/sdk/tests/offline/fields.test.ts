import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences, fieldsOf, parsed, type Scalar, withValues } from '../../offline/fields.ts';

const BODY = { note: 'soft', deliveryNote: null, lines: [{ thing: 'a', quantity: 2 }], 'a/b~c': true };

describe('the fields of a body', () => {
  it('are its values, with a pointer and a name to read', () => {
    expect(fieldsOf(BODY)).toEqual([
      { pointer: '/note', label: 'Note', value: 'soft' },
      { pointer: '/deliveryNote', label: 'Delivery note', value: null },
      { pointer: '/lines/0/thing', label: 'Lines 1, thing', value: 'a' },
      { pointer: '/lines/0/quantity', label: 'Lines 1, quantity', value: 2 },
      { pointer: '/a~1b~0c', label: 'A/b~c', value: true },
    ]);
    expect(fieldsOf(undefined)).toEqual([]);
  });

  it('are named without what only wraps them', () => {
    expect(fieldsOf({ input: { address: { town: 'Ulm' }, note: 'soft' } })).toEqual([
      { pointer: '/input/address/town', label: 'Address, town', value: 'Ulm' },
      { pointer: '/input/note', label: 'Note', value: 'soft' },
    ]);
    expect(fieldsOf({ input: 'soft' })).toEqual([{ pointer: '/input', label: 'Input', value: 'soft' }]);
  });

  it('can be replaced one by one, and nothing else changes', () => {
    const values = new Map<string, Scalar>([
      ['/lines/0/quantity', 3],
      ['/a~1b~0c', false],
    ]);
    expect(withValues(BODY, values)).toEqual({ ...BODY, lines: [{ thing: 'a', quantity: 3 }], 'a/b~c': false });
  });

  it('put back as they are give the same body', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        const values = new Map(fieldsOf(body).map(({ pointer, value }) => [pointer, value] as const));
        expect(JSON.stringify(withValues(body, values))).toBe(JSON.stringify(body));
      }),
      { seed: 1 },
    ));

  it.each([
    ['3', 2, 3],
    ['three', 2, 'three'],
    ['', 2, ''],
    ['', null, null],
    ['x', null, 'x'],
    ['3', 'two', '3'],
  ])('read %j in the place of %j as %j', (text, like, value) => {
    expect(parsed(text, like)).toBe(value);
  });
});

describe('what differs in a conflict', () => {
  it('is found at the same place, or under the same name at the top', () => {
    const body = { input: { note: 'mine', size: 2 }, id: '7' };
    expect(differences(body, { id: '7', note: 'theirs', size: 2, version: 4 })).toEqual([
      { field: { pointer: '/input/note', label: 'Input, note', value: 'mine' }, theirs: 'theirs' },
    ]);
  });

  it('is nothing when the server showed nothing', () => {
    expect(differences({ note: 'mine' }, undefined)).toEqual([]);
    expect(differences({ note: 'mine' }, { note: { text: 'deep' } })).toEqual([]);
  });
});
