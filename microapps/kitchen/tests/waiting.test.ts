import { expect, test } from 'vitest';
import { overlay } from '../src/waiting.ts';
import { queueOf, stepOf, taskOf } from './fake-api.ts';

const brief = ({ queue, done }: ReturnType<typeof overlay>) => ({
  queue: queue.map(({ id, status, pending, trouble }) => [id, status, pending, trouble?.state ?? null]),
  done: done.map(({ id, pending }) => [id, pending]),
});

test('a step that waits shows on its task, marked as not confirmed', () => {
  expect(brief(overlay(queueOf(taskOf('a'), taskOf('b')), [stepOf('accept', 'a', 1)]))).toEqual({
    queue: [
      ['a', 'ACCEPTED', true, null],
      ['b', 'NEW', false, null],
    ],
    done: [],
  });
});

test('accepted and made ready with no network, a task stands with what is ready, newest first', () => {
  const queue = { queue: [taskOf('a'), taskOf('b', 'ACCEPTED', 2)], done: [taskOf('z', 'READY', 3)] };
  const steps = [stepOf('accept', 'a', 1), stepOf('ready', 'a', 2), stepOf('ready', 'b', 2)];
  expect(brief(overlay(queue, steps))).toEqual({
    queue: [],
    done: [
      ['b', true],
      ['a', true],
      ['z', false],
    ],
  });
});

test('a step that the answer holds already is not taken twice', () => {
  expect(brief(overlay(queueOf(taskOf('a', 'ACCEPTED', 2)), [stepOf('accept', 'a', 1)])).queue).toEqual([
    ['a', 'ACCEPTED', false, null],
  ]);
});

test('a step that was not taken is trouble, and the task stays as the server has it', () => {
  const steps = [stepOf('accept', 'a', 1, { state: 'conflict' }), stepOf('ready', 'a', 2)];
  expect(brief(overlay(queueOf(taskOf('a')), steps)).queue).toEqual([['a', 'NEW', false, 'conflict']]);
});

test('a step for a task that is gone changes nothing', () => {
  expect(brief(overlay(queueOf(taskOf('a')), [stepOf('accept', 'x', 1)])).queue).toEqual([['a', 'NEW', false, null]]);
});

test('what is rejected leaves the queue at once, and is with nothing that is ready', () => {
  expect(brief(overlay(queueOf(taskOf('a'), taskOf('b')), [stepOf('reject', 'a', 1)]))).toEqual({
    queue: [['b', 'NEW', false, null]],
    done: [],
  });
});

test('a rejection that was not taken leaves the task there, with why', () => {
  const steps = [stepOf('reject', 'a', 1, { state: 'refused', why: 'Too late.' })];
  expect(brief(overlay(queueOf(taskOf('a')), steps)).queue).toEqual([['a', 'NEW', false, 'refused']]);
});
