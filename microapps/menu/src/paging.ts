/** A list that grows page by page. */
import type { Page } from './model.ts';

/** What is on screen: `items` may be those of the query before while the next are fetched (`busy`). */
export interface Listing<T> {
  /** What the items answer; `undefined` before the first answer. */
  readonly key: string | undefined;
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly busy: 'no' | 'first' | 'more';
  readonly error: unknown;
}

export type PagingEvent<T> =
  | { readonly kind: 'asked'; readonly more: boolean }
  | { readonly kind: 'answered'; readonly key: string; readonly page: Page<T> }
  | { readonly kind: 'appended'; readonly key: string; readonly page: Page<T> }
  | { readonly kind: 'failed'; readonly error: unknown };

export const EMPTY: Listing<never> = { key: undefined, items: [], nextCursor: null, busy: 'first', error: undefined };

/** The next listing. What was on screen stays while more is asked for, and when that fails. */
export function step<T>(listing: Listing<T>, event: PagingEvent<T>): Listing<T> {
  switch (event.kind) {
    case 'asked':
      return { ...listing, busy: event.more ? 'more' : 'first', error: undefined };
    case 'answered':
      return { ...event.page, key: event.key, busy: 'no', error: undefined };
    case 'appended':
      // An answer to another query's "more" comes too late.
      if (event.key !== listing.key) return listing;
      return {
        ...listing,
        ...event.page,
        items: [...listing.items, ...event.page.items],
        busy: 'no',
        error: undefined,
      };
    case 'failed':
      return { ...listing, busy: 'no', error: event.error };
  }
}
