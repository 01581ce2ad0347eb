import { useEffect, useRef } from 'react';
import { useObserved, useSession } from './session.ts';

/**
 * Tells the id of an order that moved at the server, or that was saved on this device and is not any more; null when any may
 * have moved, unnoticed. Keep `moved` stable.
 */
export function useMoves(moved: (id: string | null) => unknown): void {
  const { moves, kept: commands } = useSession();
  const kept = useObserved(commands);
  const before = useRef(kept);
  useEffect(() => moves(moved), [moves, moved]);
  useEffect(() => {
    const gone = before.current.filter(({ key, order }) => order && kept.every((other) => other.key !== key));
    before.current = kept;
    for (const { key } of gone) moved(key);
  }, [kept, moved]);
}
