import { describe, expect, it } from 'vitest';
import { EMPTY, type Listing, step } from '../src/paging.ts';

const page = (items: string[], nextCursor: string | null = null) => ({ items, nextCursor });
const listed: Listing<string> = { key: '/', ...page(['a', 'b'], 'after-b'), busy: 'no', error: undefined };

describe('a list that grows', () => {
  it('keeps what is on screen while another query is asked', () => {
    expect(step(listed, { kind: 'asked', more: false })).toMatchObject({ key: '/', items: ['a', 'b'], busy: 'first' });
  });

  it('is replaced by the answer', () => {
    const asked = step(listed, { kind: 'asked', more: false });
    const answered = step(asked, { kind: 'answered', key: '/?q=c', page: page(['c']) });
    expect(answered).toEqual({ key: '/?q=c', ...page(['c']), busy: 'no', error: undefined });
  });

  it('grows by the next page', () => {
    const asked = step(listed, { kind: 'asked', more: true });
    expect(asked.busy).toBe('more');
    expect(step(asked, { kind: 'appended', key: '/', page: page(['c']) })).toEqual({
      key: '/',
      ...page(['a', 'b', 'c']),
      busy: 'no',
      error: undefined,
    });
  });

  it('takes no page that belongs to another query', () => {
    expect(step(listed, { kind: 'appended', key: '/?q=other', page: page(['x']) })).toBe(listed);
  });

  it('keeps its items when asking fails, and forgets the failure when asking again', () => {
    const failed = step<string>(listed, { kind: 'failed', error: new Error('no') });
    expect(failed).toMatchObject({ items: ['a', 'b'], nextCursor: 'after-b', busy: 'no', error: new Error('no') });
    expect(step(failed, { kind: 'asked', more: true }).error).toBeUndefined();
  });

  it('starts by waiting, with nothing', () => {
    expect(EMPTY).toMatchObject({ key: undefined, items: [], busy: 'first' });
  });
});
