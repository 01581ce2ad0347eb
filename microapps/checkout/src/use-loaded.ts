import { useCallback, useEffect, useState } from 'react';
import { asRefusal, type Refusal } from './refusal.ts';

export type Loaded<T> =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly refusal: Refusal };

/** Loads on first render and whenever `load` changes (keep it stable), and drops answers that come too late. */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>): readonly [Loaded<T>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<T>>({ status: 'loading' });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round loads again
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const settle = (next: Loaded<T>) => !signal.aborted && setLoaded(next);
    setLoaded({ status: 'loading' });
    load(signal).then(
      (value) => settle({ status: 'ready', value }),
      (error: unknown) => settle({ status: 'failed', refusal: asRefusal(error) }),
    );
    return () => controller.abort();
  }, [load, round]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  return [loaded, again];
}
