import { expect, test } from 'vitest';
import { type EntryPart, waitingOf } from '../src/entry.ts';
import { DELIVER, PICK_UP } from '../src/operations.ts';

function entry(query: string, more: Partial<EntryPart> = {}): EntryPart {
  const body = JSON.stringify({ query, variables: { id: 'a', version: 3 } });
  return { key: 'k', body, state: 'queued', lastProblem: null, ...more };
}

test('an entry is the step that its document takes', () => {
  expect(waitingOf(entry(PICK_UP))).toEqual({
    key: 'k',
    jobId: 'a',
    version: 3,
    step: 'pickUp',
    state: 'sending',
    why: null,
  });
  expect(waitingOf(entry(DELIVER))?.step).toBe('deliver');
});

test.each([
  ['queued', 'sending'],
  ['inflight', 'sending'],
  ['paused', 'sending'],
  ['conflict', 'conflict'],
  ['failed', 'refused'],
] as const)('%s means %s to the courier', (state, means) => {
  expect(waitingOf(entry(PICK_UP, { state }))?.state).toBe(means);
});

test('a refusal is told in the server’s words', () => {
  const lastProblem = { title: 'Not possible', detail: 'This order is not waiting to be picked up.' };
  expect(waitingOf(entry(PICK_UP, { state: 'failed', lastProblem }))?.why).toBe(lastProblem.detail);
});

test.each([
  ['what is being taken back', entry(PICK_UP, { state: 'discarding' })],
  ['another command', entry('mutation Other { other }')],
  ['a command without a body', { ...entry(PICK_UP), body: null }],
])('%s is no step', (_what, part) => {
  expect(waitingOf(part)).toBeNull();
});
