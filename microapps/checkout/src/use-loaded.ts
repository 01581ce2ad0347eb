import { useCallback, useEffect, useRef, useState } from 'react';
import { asRefusal, type Refusal } from './refusal.ts';

export type Loaded<T> =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly refusal: Refusal };

/**
 * Loads on first render and whenever `load` changes (keep it stable), and drops answers that come too late. `known`: what is
 * known already, so that nothing is loaded at first. The function loads once more; what is on screen stays meanwhile, and
 * when that fails.
 */
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, known?: T): readonly [Loaded<T>, () => void] {
  const [loaded, setLoaded] = useState<Loaded<T>>(() => firstOf(known));
  const [round, setRound] = useState(0);
  const first = useRef(known);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const settle = (next: (before: Loaded<T>) => Loaded<T>) => !signal.aborted && setLoaded(next);
    if (round === 0) setLoaded(firstOf(first.current));
    else setLoaded((before) => (before.status === 'failed' ? { status: 'loading' } : before));
    if (round > 0 || first.current === undefined) {
      load(signal).then(
        (value) => settle(() => ({ status: 'ready', value })),
        (error: unknown) => settle((before) => afterFailure(before, error)),
      );
    }
    return () => controller.abort();
  }, [load, round]);
  const again = useCallback(() => setRound((before) => before + 1), []);
  return [loaded, again];
}

function firstOf<T>(known: T | undefined): Loaded<T> {
  return known === undefined ? { status: 'loading' } : { status: 'ready', value: known };
}

function afterFailure<T>(before: Loaded<T>, error: unknown): Loaded<T> {
  return before.status === 'ready' ? before : { status: 'failed', refusal: asRefusal(error) };
}
