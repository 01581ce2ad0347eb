/** Time and chance, passed in so that tests decide both. */

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Runs after so many ms, unless the returned function is called before. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
}

/** The browser's own. */
export const CLOCK: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

/** Resolves after `ms`, or when `signal` aborts. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    const stop = (): void => {
      cancel();
      resolve();
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
