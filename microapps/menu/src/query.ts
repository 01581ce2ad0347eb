/** What is looked for, and the address that keeps it. */

export interface Query {
  readonly text: string;
  /** A cuisine's id; empty for all. */
  readonly cuisine: string;
}

/** The query of an address: `/?q=noodles&cuisine=thai`. */
export function queryOf(url: URL): Query {
  return { text: url.searchParams.get('q') ?? '', cuisine: url.searchParams.get('cuisine') ?? '' };
}

/** The address of a query; an empty one has the plain `/`. */
export function addressOf({ text, cuisine }: Query): string {
  const parameters = new URLSearchParams();
  if (text.trim()) parameters.set('q', text.trim());
  if (cuisine) parameters.set('cuisine', cuisine);
  const search = parameters.toString();
  return search ? `/?${search}` : '/';
}

/** Whether two queries find the same. */
export function sameQuery(one: Query, other: Query): boolean {
  return addressOf(one) === addressOf(other);
}
