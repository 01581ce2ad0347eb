import { afterEach, expect, it, vi } from 'vitest';
import { note } from '../timeline.ts';

afterEach(() => vi.unstubAllGlobals());

it('writes the latest of each name when the browser is idle, with the time that it was', () => {
  const idle: (() => void)[] = [];
  vi.stubGlobal('window', { requestIdleCallback: true });
  vi.stubGlobal('requestIdleCallback', (work: () => void) => idle.push(work));
  const marks = () => performance.getEntriesByType('mark').map(({ name, startTime }) => [name, startTime]);
  const at = (time: number, name: string) => {
    vi.spyOn(performance, 'now').mockReturnValueOnce(time);
    note(name);
  };
  at(10, 'a:loading');
  at(20, 'a:mounted');
  at(30, 'a:loading');
  expect([marks(), idle.length]).toEqual([[], 1]);
  idle.pop()?.();
  expect(marks()).toEqual([
    ['a:mounted', 20],
    ['a:loading', 30],
  ]);
  at(40, 'a:mounted');
  expect(idle.length).toBe(1);
  idle.pop()?.();
  expect(marks()).toEqual([
    ['a:loading', 30],
    ['a:mounted', 40],
  ]);
});
