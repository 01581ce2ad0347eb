import { useCallback, useEffect, useState } from 'react';

export interface Loaded<T> {
  /** The newest answer there was; what was asked for before shows until there is another. */
  readonly value: T | undefined;
  readonly failure: unknown;
  readonly retry: () => void;
}

/** Loads what `key` names, and again when the key changes or on `retry`. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [failure, setFailure] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it loads is what the key says
  useEffect(() => {
    const control = new AbortController();
    setFailure(undefined);
    load(control.signal).then(
      (answer) => !control.signal.aborted && setValue(() => answer),
      (error: unknown) => !control.signal.aborted && setFailure(error ?? new Error('no reason')),
    );
    return () => control.abort();
  }, [key, attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { value, failure, retry };
}
