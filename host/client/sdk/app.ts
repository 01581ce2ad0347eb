/** The contract between a micro-app and the runtime: single-spa's life cycle, typed. */

import type { Api } from './api.ts';
import type { Params } from './events.ts';

/** Where an app is in its life. */
export type AppState = 'registered' | 'loading' | 'bootstrapped' | 'mounted' | 'unmounted' | 'failed';

/** What was being done when an app failed. */
export type Phase = 'load' | 'bootstrap' | 'mount' | 'update' | 'unmount';

/** What Portico adds to single-spa's props. */
export interface AppContext {
  /** Aborts when this mount ends: the app is unmounted, or its navigation was superseded. */
  readonly signal: AbortSignal;
  /** The app's own BFF. */
  readonly api: Api;
  /** The slot that this mount fills. */
  readonly slot: string;
  /** The path that the app was mounted, or last updated, for. */
  readonly path: string;
  /** The whole address, with query and fragment. */
  readonly url: URL;
  /** The values of the route's named groups, decoded. */
  readonly params: Params;
  /** There only under `portico dev`: `data` outlives the app's builds, for state that is to be kept from one to the next. */
  readonly hot?: { readonly data: Record<string, unknown> };
}

/** The props of every life-cycle function of an app. */
export interface AppProps {
  /** The app's full name; with `#slot` added when it fills several slots. */
  readonly name: string;
  /** The element to render into; the app owns all that is inside. */
  readonly domElement: HTMLElement;
  readonly mountParcel: MountParcel;
  readonly singleSpa: SingleSpa;
  readonly portico: AppContext;
}

/** A life-cycle function. It may do its work at once or return a promise. */
export type Hook<Props = AppProps> = (props: Props) => unknown;

/** A life-cycle function, or several to be run one after another (single-spa's convention). */
export type Hooks<Props = AppProps> = Hook<Props> | readonly Hook<Props>[];

/** What a micro-app's entry module exports (by name, or as its default export). */
export interface App<Props = AppProps> {
  /** Runs once, before the first mount. */
  readonly bootstrap?: Hooks<Props> | undefined;
  readonly mount: Hooks<Props>;
  readonly unmount: Hooks<Props>;
  /** Runs when the address changed and the app stays; without it the app hears of it through `onNavigate` alone. */
  readonly update?: Hooks<Props> | undefined;
  /** Runs when the app is put away for good. */
  readonly unload?: Hooks<Props> | undefined;
}

/** Life-cycle functions to `defineApp`: `unmount` may be left out by an app that only rendered into `domElement`. */
export interface AppDefinition {
  readonly bootstrap?: Hooks;
  readonly mount: Hooks;
  readonly unmount?: Hooks;
  readonly update?: Hooks;
  readonly unload?: Hooks;
}

/**
 * Declares a micro-app:
 *
 * ```ts
 * export const { bootstrap, mount, unmount, update } = defineApp({
 *   mount({ domElement, portico }) {
 *     domElement.append(`You are at ${portico.path}`);
 *   },
 * });
 * ```
 *
 * `bootstrap` defaults to nothing, `unmount` to emptying `domElement`. An `update` that was not given stays undefined.
 */
export function defineApp(definition: AppDefinition): Required<Pick<App, 'bootstrap' | 'mount' | 'unmount'>> & App {
  return {
    bootstrap: [],
    unmount: ({ domElement }: AppProps) => domElement.replaceChildren(),
    ...definition,
  } as Required<Pick<App, 'bootstrap' | 'mount' | 'unmount'>> & App;
}

/** single-spa's states of a parcel. */
export type ParcelStatus =
  | 'NOT_BOOTSTRAPPED'
  | 'BOOTSTRAPPING'
  | 'NOT_MOUNTED'
  | 'MOUNTING'
  | 'MOUNTED'
  | 'UPDATING'
  | 'UNMOUNTING'
  | 'SKIP_BECAUSE_BROKEN';

/** Props for a parcel: the element to render into, and anything else. */
export interface ParcelProps {
  readonly domElement: HTMLElement;
  readonly [name: string]: unknown;
}

/** What a parcel's life-cycle functions receive. */
export type ParcelHookProps = ParcelProps & {
  readonly name: string;
  readonly mountParcel: MountParcel;
  readonly singleSpa: SingleSpa;
  readonly unmountSelf: () => Promise<null>;
};

/** A parcel's life cycle; `name` helps to find it in messages. */
export interface ParcelConfig {
  readonly name?: string;
  readonly bootstrap?: Hooks<ParcelHookProps> | undefined;
  readonly mount: Hooks<ParcelHookProps>;
  readonly unmount: Hooks<ParcelHookProps>;
  readonly update?: Hooks<ParcelHookProps> | undefined;
}

/** A mounted piece of user interface, in single-spa's shape. */
export interface Parcel {
  mount(): Promise<null>;
  unmount(): Promise<null>;
  /** There only when the parcel can be updated. */
  update?: (props: Readonly<Record<string, unknown>>) => Promise<unknown>;
  getStatus(): ParcelStatus;
  readonly loadPromise: Promise<null>;
  readonly bootstrapPromise: Promise<null>;
  readonly mountPromise: Promise<null>;
  readonly unmountPromise: Promise<null>;
}

/** Where a parcel's life cycle comes from: itself, a function that loads it, or the specifier of a module that exports it. */
export type ParcelSource = ParcelConfig | (() => Promise<ParcelConfig>) | string;

/** Mounts a parcel by hand. */
export type MountParcel = (config: ParcelSource, props: ParcelProps) => Parcel;

/** As much of single-spa's own API as its framework adapters use. */
export interface SingleSpa {
  readonly mountRootParcel: MountParcel;
  readonly navigateToUrl: (target: string | { readonly href: string }) => void;
  readonly getAppNames: () => string[];
  readonly getMountedApps: () => string[];
}
