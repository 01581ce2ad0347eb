import { expect, test } from 'vitest';
import { type EntryPart, waitingOf } from '../src/entry.ts';
import { ACCEPT, READY, REJECT } from '../src/operations.ts';

function entry(query: string, more: Partial<EntryPart> = {}): EntryPart {
  const body = JSON.stringify({ query, variables: { id: 'a', version: 3 } });
  return { key: 'k', body, state: 'queued', lastProblem: null, ...more };
}

test('an entry is the step that its document takes', () => {
  expect(waitingOf(entry(ACCEPT))).toEqual({
    key: 'k',
    taskId: 'a',
    version: 3,
    step: 'accept',
    state: 'sending',
    why: null,
  });
  expect(waitingOf(entry(READY))?.step).toBe('ready');
  expect(waitingOf(entry(REJECT))?.step).toBe('reject');
});

test.each([
  ['queued', 'sending'],
  ['inflight', 'sending'],
  ['paused', 'sending'],
  ['conflict', 'conflict'],
  ['failed', 'refused'],
] as const)('%s means %s to the cook', (state, means) => {
  expect(waitingOf(entry(ACCEPT, { state }))?.state).toBe(means);
});

test('a refusal is told in the server’s words', () => {
  const lastProblem = { title: 'Not possible', detail: 'This order has been accepted already.' };
  expect(waitingOf(entry(ACCEPT, { state: 'failed', lastProblem }))?.why).toBe(lastProblem.detail);
});

test.each([
  ['what is being taken back', entry(ACCEPT, { state: 'discarding' })],
  ['another command', entry('mutation Other { other }')],
  ['a command without a body', { ...entry(ACCEPT), body: null }],
])('%s is no step', (_what, part) => {
  expect(waitingOf(part)).toBeNull();
});
