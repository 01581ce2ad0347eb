import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runHooks, TIME_LIMIT, within } from '../hooks.ts';

describe('life-cycle functions', () => {
  it('run one after another when there are several, each with the props', async () => {
    const ran: string[] = [];
    const later = (name: string) => async (props: string) => {
      await Promise.resolve();
      ran.push(`${name} ${props}`);
    };
    await runHooks([later('first'), later('second')], 'props');
    expect(ran).toEqual(['first props', 'second props']);
  });

  it('may be one function, or none, and may return anything', async () => {
    const hook = vi.fn(() => 42);
    await runHooks(hook, 'props');
    await runHooks(undefined, 'props');
    expect(hook).toHaveBeenCalledExactlyOnceWith('props');
  });

  it('stop at the first that throws, and reject with what it threw', async () => {
    const after = vi.fn();
    const broken = () => {
      throw new Error('broken');
    };
    await expect(runHooks([broken, after], null)).rejects.toThrow('broken');
    expect(after).not.toHaveBeenCalled();
  });
});

describe('a time limit', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('rejects what takes longer, and says how long it may take', async () => {
    const limited = within(50, 'lamps: mount', new Promise(() => {}));
    const outcome = expect(limited).rejects.toMatchObject({
      name: TIME_LIMIT,
      message: 'lamps: mount took longer than 50 ms',
    });
    await vi.advanceTimersByTimeAsync(50);
    await outcome;
  });

  it('passes on what comes in time, and leaves no timer', async () => {
    expect(await within(50, 'lamps: mount', Promise.resolve('there'))).toBe('there');
    await expect(within(50, 'lamps: mount', Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });
});
