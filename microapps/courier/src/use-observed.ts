import { useEffect, useState } from 'preact/hooks';
import type { Observable } from './observable.ts';

/** The value of an observable; renders again when it changes. */
export function useObserved<S>(observable: Observable<S>): S {
  const [state, setState] = useState(observable.snapshot);
  useEffect(() => {
    setState(observable.snapshot());
    return observable.subscribe(() => setState(observable.snapshot()));
  }, [observable]);
  return state;
}

const TICK_MS = 20_000;

/** The time now, in milliseconds since 1970; renders again every now and then, so that ages stay right. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
