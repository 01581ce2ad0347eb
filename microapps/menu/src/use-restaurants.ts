import { useCallback, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Restaurant } from './model.ts';
import { EMPTY, type Listing, type PagingEvent, step } from './paging.ts';
import { addressOf, type Query } from './query.ts';
import { useSession } from './session.ts';

export interface Restaurants {
  readonly listing: Listing<Restaurant>;
  /** Fetches the next page. */
  readonly more: () => void;
  /** Does again what failed. */
  readonly retry: () => void;
}

type Step = (listing: Listing<Restaurant>, event: PagingEvent<Restaurant>) => Listing<Restaurant>;

/** The restaurants that answer a query; the newest query wins, whatever order the answers come in. */
export function useRestaurants(query: Query): Restaurants {
  const { api, listings } = useSession();
  const key = addressOf(query);
  const [listing, tell] = useReducer<Listing<Restaurant>, PagingEvent<Restaurant>>(
    step as Step,
    listings.recall(key) ?? EMPTY,
  );
  const [attempt, setAttempt] = useState(0);
  const paging = useRef<AbortController | undefined>(undefined);

  // The query is not among the dependencies: its key is.
  useEffect(() => {
    const remembered = listings.recall(key);
    if (remembered) tell({ kind: 'answered', key, page: remembered });
    // With more pages on screen than one, asking for the first again would take the rest away.
    if (remembered && !attempt) return undefined;
    const control = new AbortController();
    tell({ kind: 'asked', more: false });
    api.restaurants(query, null, control.signal).then(
      (page) => tell({ kind: 'answered', key, page }),
      (error: unknown) => control.signal.aborted || tell({ kind: 'failed', error }),
    );
    return () => {
      control.abort();
      paging.current?.abort();
    };
  }, [key, attempt]);

  useEffect(() => {
    if (listing.key !== undefined && listing.busy === 'no' && !listing.error) listings.keep(listing.key, listing);
  }, [listing, listings]);

  const more = useCallback(() => {
    if (listing.key !== key || listing.busy !== 'no' || !listing.nextCursor) return;
    const control = new AbortController();
    paging.current = control;
    tell({ kind: 'asked', more: true });
    api.restaurants(query, listing.nextCursor, control.signal).then(
      (page) => tell({ kind: 'appended', key, page }),
      (error: unknown) => control.signal.aborted || tell({ kind: 'failed', error }),
    );
  }, [api, key, listing, query]);

  const retry = useCallback(() => {
    if (listing.key === key && listing.nextCursor) more();
    else setAttempt((count) => count + 1);
  }, [key, listing, more]);

  return { listing, more, retry };
}
