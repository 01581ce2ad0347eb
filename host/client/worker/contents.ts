/** What the host says is to be kept for a person: `/_portico/offline.json`. */

export interface Asset {
  /** Path-absolute, immutable. */
  readonly url: string;
  readonly integrity: string;
}

export type Policy = 'network-first' | 'stale-while-revalidate' | 'cache-first';

/** Answers of a BFF that are kept: exactly one of `path` (URLPattern pathname, below the BFF) and `graphql` is there. */
export interface ReadRule {
  readonly path?: string;
  /** The operation name of a query. */
  readonly graphql?: string;
  /** That query as the app sends it, to be fetched before anybody asks. */
  readonly ahead?: { readonly document: string; readonly variables: object };
  readonly policy: Policy;
  readonly timeoutMs: number;
  readonly maxAgeS: number;
  readonly maxEntries: number;
}

export interface KeptApp {
  /** The short name. */
  readonly app: string;
  /** The address of its BFF, `/api/<app>`. */
  readonly bff: string;
  readonly reads: readonly ReadRule[];
}

export interface Contents {
  readonly revision: number;
  readonly build: string;
  /** The `sub` of who asked; null for nobody. */
  readonly person: string | null;
  /** Changes with everything the document says; the document's own `Portico-Document` is the same. */
  readonly tag: string;
  readonly document: string;
  readonly assets: readonly Asset[];
  readonly apps: readonly KeptApp[];
}

/** The contents that a response holds; null when it holds something else (an older or newer host's). */
export async function contentsOf(response: Response): Promise<Contents | null> {
  try {
    const found = (await response.json()) as Partial<Contents>;
    const whole = typeof found.tag === 'string' && Array.isArray(found.assets) && Array.isArray(found.apps);
    return whole ? (found as Contents) : null;
  } catch {
    return null;
  }
}
