import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Restaurant } from './model.ts';
import { useSession } from './session.ts';

/** How far below the screen a card counts as in view: about one screen. */
const MARGIN = '0px 0px 100% 0px';

/** Fetches ahead the restaurants whose cards come into view in the list that the reference is given to. */
export function useAhead(items: readonly Restaurant[]): RefObject<HTMLUListElement | null> {
  const { ahead, restaurants } = useSession();
  const list = useRef<HTMLUListElement>(null);

  useEffect(() => {
    if (!list.current || !('IntersectionObserver' in globalThis)) return undefined;
    const control = new AbortController();
    const observer = new IntersectionObserver(
      (entries) => {
        const seen = entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => idOf(target));
        for (const id of seen) if (restaurants.recall(id)) ahead.known(id);
        if (seen.length) ahead.want(seen, control.signal);
      },
      { rootMargin: MARGIN },
    );
    for (const card of list.current.querySelectorAll('[data-restaurant]')) observer.observe(card);
    return () => {
      observer.disconnect();
      control.abort();
    };
  }, [items, ahead, restaurants]);

  return list;
}

function idOf(card: Element): string {
  return (card as HTMLElement).dataset.restaurant ?? '';
}
