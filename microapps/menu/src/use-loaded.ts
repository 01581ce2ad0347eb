import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Memory } from './memory.ts';

export interface Loaded<T> {
  /** The last answer for this key, or what was remembered of it. */
  readonly value: T | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

/**
 * Loads what `key` names, and again when the key changes or on `retry`. What `memory` holds shows meanwhile; a failure
 * does not take it away. An empty key loads nothing.
 */
export function useLoaded<T>(key: string, memory: Memory<T>, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [answer, setAnswer] = useState<{ key: string; value?: T; error?: unknown }>({ key });
  const [attempt, setAttempt] = useState(0);

  // `load` is not among the dependencies: what it loads is what the key says.
  useEffect(() => {
    if (!key) return undefined;
    const control = new AbortController();
    setAnswer({ key });
    load(control.signal).then(
      (value) => {
        memory.keep(key, value);
        if (!control.signal.aborted) setAnswer({ key, value });
      },
      (error: unknown) => {
        if (!control.signal.aborted) setAnswer({ key, error });
      },
    );
    return () => control.abort();
  }, [key, attempt]);

  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  const current = answer.key === key ? answer : { key };
  return { value: current.value ?? memory.recall(key), error: current.error, retry };
}
