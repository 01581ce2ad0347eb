/** Time, from outside. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted before. */
  after(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    }),
};

const TOO_LATE = Symbol('too late');

/** What `work` comes to, or undefined when it takes longer than `ms`. Rejects as `work` does, if in time. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  const limit = clock.after(ms, stop.signal).then(
    (): typeof TOO_LATE => TOO_LATE,
    (): typeof TOO_LATE => TOO_LATE,
  );
  try {
    const first = await Promise.race([work, limit]);
    return first === TOO_LATE ? undefined : first;
  } finally {
    stop.abort();
  }
}
