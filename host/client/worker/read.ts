/** One read that is kept: who asks, what is asked, and under which key its answer is stored. */

import { type CachedRead, canonical } from '@portico/local';
import type { KeptApp, ReadRule } from './contents.ts';

/** A read with the rule that holds for it. */
export interface Read {
  /** The `sub` that the page is for. */
  readonly person: string;
  readonly app: string;
  /** The path that was asked for, with query: what the page knows it by. */
  readonly url: string;
  /** As commands name it in their updates. */
  readonly what: CachedRead;
  readonly rule: ReadRule;
  /** The stored answer's key. */
  readonly key: string;
}

/** The `sub` in a request's `Portico-Person`; null when it is not well-formed. */
export function personIn(headers: Headers): string | null {
  try {
    return decodeURIComponent(headers.get('Portico-Person') ?? '') || null;
  } catch {
    return null;
  }
}

/** The read that a request makes, if one of the apps has named it. The request's body stays unread. */
export async function readOf(request: Request, person: string, apps: readonly KeptApp[]): Promise<Read | null> {
  const { pathname, search } = new URL(request.url);
  const kept = apps.find(({ bff }) => pathname.startsWith(`${bff}/`));
  if (!kept) return null;
  const url = pathname + search;
  const common = { person, app: kept.app, url };
  if (request.method === 'GET') {
    const below = pathname.slice(kept.bff.length);
    const rule = kept.reads.find(({ path }) => path !== undefined && patternOf(path).test({ pathname: below }));
    const what = { path: below + search };
    return rule ? { ...common, rule, what, key: await keyOf(kept.bff, what) } : null;
  }
  const asked = queryIn(await jsonOf(request));
  const rule = asked && kept.reads.find(({ graphql }) => graphql === asked.operation);
  return rule ? { ...common, rule, what: asked, key: await keyOf(kept.bff, asked) } : null;
}

/** The key under which the answer to a read of the BFF at `bff` is stored. */
export async function keyOf(bff: string, what: CachedRead): Promise<string> {
  return 'path' in what ? bff + what.path : graphqlKey(`${bff}/graphql`, what);
}

/** Whether a stored answer's key is of those that a rule is for. */
export function isOf(rule: ReadRule, bff: string, key: string): boolean {
  const { pathname, searchParams } = new URL(key, 'https://host.invalid');
  if (rule.graphql !== undefined)
    return pathname === `${bff}/graphql` && searchParams.get('operation') === rule.graphql;
  return rule.path !== undefined && patternOf(rule.path).test({ pathname: pathname.slice(bff.length) });
}

interface GraphQLRead {
  readonly operation: string;
  readonly variables?: object;
  readonly document: string;
}

/** A GraphQL query's name, variables and document; null for mutations, for subscriptions and without a name. */
function queryIn(body: unknown): GraphQLRead | null {
  const { query, variables, operationName } = (body ?? {}) as Record<string, unknown>;
  if (typeof query !== 'string') return null;
  const named = [...query.replace(/#.*$/gm, '').matchAll(/\b(query|mutation|subscription)\s+(\w+)/g)];
  const chosen = typeof operationName === 'string' ? named.find(([, , name]) => name === operationName) : named[0];
  const [, kind, operation] = chosen ?? [];
  if (kind !== 'query' || operation === undefined || (!operationName && named.length > 1)) return null;
  return { operation, document: query, ...(isObject(variables) ? { variables } : {}) };
}

async function graphqlKey(url: string, { operation, variables, document }: GraphQLRead): Promise<string> {
  const text = new TextEncoder().encode(`${canonical(variables ?? {})}\n${document}`);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${url}?operation=${operation}&asked=${hash}`;
}

async function jsonOf(request: Request): Promise<unknown> {
  try {
    return await request.clone().json();
  } catch {
    return null;
  }
}

const patterns = new Map<string, URLPattern>();

function patternOf(path: string): URLPattern {
  const pattern = patterns.get(path) ?? new URLPattern({ pathname: path });
  patterns.set(path, pattern);
  return pattern;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
