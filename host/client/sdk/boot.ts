/**
 * The boot document: what the host put into the page for this person, so that nothing is fetched to learn what to mount.
 */

/** The signed-in person. */
export interface User {
  readonly sub: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** A style sheet of an app, with the digest that it must have. */
export interface Style {
  readonly href: string;
  readonly integrity: string;
}

/** A path that an app fills a slot for, in URLPattern pathname syntax. */
export interface Route {
  readonly path: string;
  readonly slot: string;
  readonly access: 'public' | 'signed-in';
  readonly title?: string | null;
}

/** One app that this person may open. */
export interface Registration {
  /** The full name, `@team/app`; also the import map's specifier. */
  readonly name: string;
  /** The short name, unique in Portico. */
  readonly app: string;
  /** The address of the entry module. */
  readonly entry: string;
  readonly styles: readonly Style[];
  readonly routes: readonly Route[];
  /** How the app's styles are held to its root: by `@scope` when nothing is said. */
  readonly isolation?: 'shadow' | 'none';
  /** `manual`: its routes count only after `activate`. */
  readonly activation?: 'manual';
  /** Whether it works without a network, by its manifest or by the modules that it imports. */
  readonly offline?: boolean;
  /** Whether it is shown by a view transition. */
  readonly transition?: boolean;
  /** The modules that the entry imports statically, addresses, in loading order; and short names of apps to be opened next. */
  readonly modules?: readonly string[];
  readonly prefetch?: readonly string[];
  /** Trusted Types policies that its framework creates. */
  readonly trustedTypes?: readonly string[];
  /** The address that the app's own BFF answers under, `/api/<app>`. */
  readonly bff: string | null;
  /**
   * What calls of the app's own BFF carry: which release this page has, so that a page that was open before a rollout moved
   * its person goes on with the service that it was made for.
   */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An entry that an app contributes to a named mount point; already filtered for this person. */
export interface MountPointEntry {
  readonly app: string;
  readonly key: string;
  readonly order: number;
  readonly label: string;
  readonly icon?: string | null;
  readonly href: string;
}

/** The whole boot document. */
export interface Boot {
  /** The channel's revision that this page was made from. */
  readonly revision: number;
  readonly loadTimeoutMs: number;
  /** The product's name, the second half of the document's title. */
  readonly heading?: string | null;
  readonly user: User | null;
  /** The runtime puts newer ones in their place when a release goes live. */
  apps: readonly Registration[];
  readonly mountPoints: Readonly<Record<string, readonly MountPointEntry[]>>;
  /** What the host decided for the path that was asked for, and the slot that the path fills. */
  readonly page: { readonly status: 200 | 401 | 403 | 404; readonly slot: string };
  /** What the runtime says in the page's language, by the English words; nothing for English. */
  readonly words?: Readonly<Record<string, string>>;
  /** For developers alone: the release that the page has of each app, by full name. */
  readonly developer?: {
    readonly releases: Readonly<Record<string, { readonly version: string; readonly digest: string }>>;
  };
  readonly urls: { readonly signIn: string; readonly signOut: string };
}

/** The id of the element that holds the boot document. */
export const BOOT_ELEMENT = 'portico-apps';

let cached: Boot | undefined;

/**
 * The page's boot document; read once.
 *
 * @throws Error when the page carries none, which means that it was not made by a Portico host.
 */
export function boot(): Boot {
  if (cached) return cached;
  const text = document.getElementById(BOOT_ELEMENT)?.textContent;
  if (!text) throw new Error(`This page has no #${BOOT_ELEMENT}; is it served by a Portico host?`);
  cached = JSON.parse(text) as Boot;
  return cached;
}

/** The entries of a named mount point for this person, in their order; empty when nobody contributes to it. */
export function mountPoint(name: string): readonly MountPointEntry[] {
  return boot().mountPoints[name] ?? [];
}
