import type { MountPointEntry, Registration } from '@portico/sdk';

/** What `aria-current` says of an entry: this very page, a page of the same app, or neither. */
export type Current = 'page' | 'true' | null;

/** The part of an entry that decides. */
export type Entry = Pick<MountPointEntry, 'app' | 'href'>;

/**
 * Says for every entry whether it is where the person is, at most one of them.
 *
 * The entry of this path wins. Else it is the entry whose path holds this one (`/orders` for `/orders/17`), the longest of
 * them. Else it is the first entry of the app that fills the page, which also covers an app that lives at `/`.
 */
export function currentOf(entries: readonly Entry[], path: string, app: string | undefined): Current[] {
  const exact = entries.findIndex(({ href }) => pathOf(href) === trimmed(path));
  const found = exact >= 0 ? exact : closest(entries, path, app);
  return entries.map((_, index) => (index === found ? (index === exact ? 'page' : 'true') : null));
}

function closest(entries: readonly Entry[], path: string, app: string | undefined): number {
  const lengths = entries.map(({ href }) => {
    const own = pathOf(href);
    return own !== '/' && path.startsWith(`${own}/`) ? own.length : 0;
  });
  const longest = Math.max(0, ...lengths);
  return longest ? lengths.indexOf(longest) : entries.findIndex((entry) => sameApp(entry.app, app));
}

/** The app that fills a slot at a path, for the page's start, when no navigation has told it yet. */
export function appAt(
  path: string,
  slot: string,
  apps: readonly Registration[],
  matches: (pattern: string, path: string) => boolean = matchesPattern,
): string | undefined {
  return apps.find(({ routes }) => routes.some((route) => route.slot === slot && matches(route.path, path)))?.name;
}

/** Browsers without URLPattern have no navigations inside the page either; there the exact entry has to do. */
function matchesPattern(pattern: string, path: string): boolean {
  return 'URLPattern' in globalThis && new URLPattern({ pathname: pattern }).test({ pathname: path });
}

/** An app may be told by its short or its full name. */
function sameApp(one: string, other: string | undefined): boolean {
  return other !== undefined && shortName(one) === shortName(other);
}

const shortName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
const trimmed = (path: string): string => path.replace(/(?<=.)\/$/, '');
const pathOf = (href: string): string => trimmed(href.replace(/[?#].*$/, ''));
