import { describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION, readToPage, readToWorker, toPage, toWorker } from '../public.ts';

describe('a message between page and worker', () => {
  it('is read by the other side', () => {
    const flush = toWorker({ kind: 'flush', sub: 'sub-1', now: true });
    expect(readToWorker(structuredClone(flush))).toEqual({
      v: PROTOCOL_VERSION,
      kind: 'flush',
      sub: 'sub-1',
      now: true,
    });
    expect(readToPage(toPage({ kind: 'updated', revision: 3 }))).toMatchObject({ kind: 'updated', revision: 3 });
  });

  it.each([
    [null],
    ['flush'],
    [{}],
    [{ v: PROTOCOL_VERSION + 1, kind: 'flush', sub: 'x' }],
    [{ v: PROTOCOL_VERSION, kind: 'toString' }],
    [{ v: PROTOCOL_VERSION, kind: 'ready' }],
  ])('is not read when it is %j', (data) => {
    expect(readToWorker(data)).toBeNull();
  });
});
