import type { AppState } from '@portico/sdk';
import { describe, expect, it } from 'vitest';
import { mayFollow } from '../states.ts';

const ALL: AppState[] = ['registered', 'loading', 'bootstrapped', 'mounted', 'unmounted', 'failed'];

describe('the states of an app', () => {
  it.each([
    ['the first visit', ['registered', 'loading', 'bootstrapped', 'mounted', 'unmounted']],
    ['coming back', ['unmounted', 'mounted', 'unmounted']],
    ['a load that fails and is tried again', ['loading', 'failed', 'loading', 'bootstrapped']],
    ['a mount that fails and is tried again', ['bootstrapped', 'failed', 'bootstrapped', 'mounted']],
    ['a mount that was superseded', ['bootstrapped', 'unmounted', 'mounted']],
    ['a second slot of an app that is loaded', ['registered', 'bootstrapped', 'mounted']],
  ] as [string, AppState[]][])('allow %s', (_, path) => {
    for (const [index, to] of path.slice(1).entries()) expect(mayFollow(path[index] as AppState, to)).toBe(true);
  });

  it('reach failed from every state but the first', () => {
    const from = ALL.filter((state) => mayFollow(state, 'failed'));
    expect(from).toEqual(['loading', 'bootstrapped', 'mounted', 'unmounted']);
  });

  it('never skip the loading, repeat themselves, or go back to registered', () => {
    expect(mayFollow('registered', 'mounted')).toBe(false);
    expect(mayFollow('failed', 'mounted')).toBe(false);
    for (const state of ALL) {
      expect(mayFollow(state, state)).toBe(false);
      expect(mayFollow(state, 'registered')).toBe(false);
    }
  });
});
