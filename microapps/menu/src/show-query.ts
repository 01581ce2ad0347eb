import { addressOf, type Query } from './query.ts';

/**
 * Writes the query into the address bar, so that reloading or sharing keeps it. This is no navigation: the view has
 * changed already, and the focus stays in the search box.
 */
export function showQuery(query: Query): void {
  history.replaceState(history.state, '', addressOf(query));
}
