/** Mounts one micro-app alone: the real sdk and the app's own code, with the world around them played. */

import { wipe } from '@portico/local';
import {
  type App,
  type AppProps,
  apiFor,
  type Boot,
  boot,
  events,
  type Hooks,
  type Message,
  type MountParcel,
  type MountPointEntry,
  navigate,
  type User,
} from '@portico/sdk';
import { type FlagValue, flags as pageFlags } from '@portico/sdk/flags';
import { page } from '../offline/page.ts';
import { type Answers, Backend, type GraphqlAnswers, type Received } from './backend.ts';
import { playNavigation, playServer } from './transport.ts';

/** What is around the app. Everything may be left out. */
export interface World {
  /** The app's `app.json`, as far as it says what the app is called and which paths it fills. */
  readonly manifest?: {
    readonly name: string;
    readonly routes?: readonly { readonly path: string; readonly slot?: string; readonly title?: string }[];
  };
  /** The address, with query and fragment; `/` without. */
  readonly path?: string;
  /** `main` without. */
  readonly slot?: string;
  /** Who is signed in; nobody without. The page's own stores are the first person's of a test file, and empty then. */
  readonly user?: User | null;
  readonly mountPoints?: Readonly<Record<string, readonly MountPointEntry[]>>;
  readonly api?: Answers;
  readonly graphql?: GraphqlAnswers;
  readonly flags?: Readonly<Record<string, FlagValue>>;
}

/** An app in the page of a test. */
export interface Mounted {
  /** The app's own element, in the document. */
  readonly element: HTMLElement;
  /** What the app asked of its BFF, oldest first. */
  readonly received: readonly Received[];
  /** The messages that it, or others, published and nobody has taken yet. */
  readonly messages: () => readonly Message[];
  /** Addresses that the app went to and has no route for: pages of other apps. */
  readonly left: readonly string[];
  /** Goes to an address; resolves when the app was updated. */
  readonly navigate: (to: string) => Promise<void>;
  /** Lets a live frame come in. */
  readonly live: (type: string, data?: unknown) => void;
  /** Unmounts as the runtime does, and takes the world away. */
  readonly unmount: () => Promise<void>;
}

/** A module with life-cycle functions, by name or as its default export. */
export type AppSource = App | { readonly default: App };

/**
 * Mounts an app: bootstrap and mount have run when it resolves. It rejects with what they threw. One app at a time.
 */
export async function mountApp(source: AppSource, world: World = {}): Promise<Mounted> {
  const app = 'default' in source ? source.default : source;
  const { manifest = { name: '@test/app' }, slot = 'main', path = '/' } = world;
  const start = location.href;
  installBoot(bootOf(manifest, world));
  if (world.user) await begin(world.user.sub);
  const backend = new Backend(`/api/${shortOf(manifest.name)}`, world.api ?? {}, world.graphql ?? {});
  const element = document.body.appendChild(document.createElement('div'));
  element.dataset.app = manifest.name;
  const control = new AbortController();
  const left: string[] = [];
  const props = (url: URL): AppProps => ({
    name: manifest.name,
    domElement: element,
    mountParcel: noParcel,
    singleSpa: {
      mountRootParcel: noParcel,
      navigateToUrl: (to) => void navigate(typeof to === 'string' ? to : to.href),
      getAppNames: () => [manifest.name],
      getMountedApps: () => [manifest.name],
    },
    portico: {
      signal: control.signal,
      api: apiFor(manifest.name),
      slot,
      path: url.pathname,
      url,
      params: paramsOf(manifest, slot, url) ?? {},
    },
  });
  const went = async (url: URL): Promise<void> => {
    const params = paramsOf(manifest, slot, url);
    if (manifest.routes && !params) return void left.push(url.pathname + url.search + url.hash);
    await run(app.update, props(url));
    events.emit('navigate', { path: url.pathname, url, app: manifest.name, params: params ?? {} });
  };
  history.replaceState(null, '', path);
  const ends = [playServer(backend, world.flags ?? {}), playNavigation(went)];
  const unmount = async (): Promise<void> => {
    control.abort();
    try {
      await run(app.unmount, props(new URL(location.href)));
    } finally {
      for (const end of ends) end();
      element.remove();
      history.replaceState(null, '', start);
    }
  };
  try {
    await pageFlags.refresh();
    await run(app.bootstrap, props(new URL(location.href)));
    await run(app.mount, props(new URL(location.href)));
  } catch (error) {
    await unmount().catch(() => undefined); // what it failed of is told, not what came of that
    throw error;
  }
  return {
    element,
    received: backend.received,
    left,
    messages: waiting,
    navigate: (to) => navigate(to),
    live: (type, data = null) =>
      page().frames.tell({ id: crypto.randomUUID(), prev: null, type, ts: Date.now(), data } as never),
    unmount,
  };
}

async function run(hooks: Hooks | undefined, props: AppProps): Promise<void> {
  for (const hook of hooks === undefined ? [] : typeof hooks === 'function' ? [hooks] : hooks) await hook(props);
}

function bootOf(
  { name, routes = [] }: NonNullable<World['manifest']>,
  { slot = 'main', user, mountPoints }: World,
): Boot {
  const registered = routes.map((route) => ({ slot: 'main', access: 'public' as const, ...route }));
  const bff = `/api/${shortOf(name)}`;
  return {
    revision: 1,
    loadTimeoutMs: 10_000,
    heading: 'Test',
    user: user ?? null,
    apps: [{ name, app: shortOf(name), entry: '/app.js', styles: [], routes: registered, bff }],
    mountPoints: mountPoints ?? {},
    page: { status: 200, slot },
    urls: { signIn: '/auth/sign-in', signOut: '/auth/sign-out' },
  };
}

const begun = new Set<string>();

/** The files of a test run share a browser: what another one left to be sent for this person is not for this one. */
async function begin(sub: string): Promise<void> {
  if (begun.has(sub)) return;
  begun.add(sub);
  await wipe(sub);
}

/** Puts the boot document where the sdk looks for it; what was read already becomes the new one. */
function installBoot(document_: Boot): void {
  if (!document.getElementById('portico-apps')) {
    const element = document.createElement('script');
    element.type = 'application/json';
    element.id = 'portico-apps';
    element.text = JSON.stringify(document_);
    document.head.append(element);
  }
  Object.assign(boot(), document_);
}

function paramsOf(manifest: World['manifest'], slot: string, { pathname }: URL): Record<string, string> | undefined {
  for (const route of manifest?.routes ?? []) {
    const match = (route.slot ?? 'main') === slot && new URLPattern({ pathname: route.path }).exec({ pathname });
    if (!match) continue;
    const groups = Object.entries(match.pathname.groups).filter(([, value]) => value !== undefined);
    return Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value ?? '')]));
  }
  return undefined;
}

function waiting(): readonly Message[] {
  return JSON.parse(sessionStorage.getItem(`portico.messages:${boot().user?.sub ?? ''}`) ?? '[]');
}

function shortOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

const noParcel: MountParcel = () => {
  throw new Error('Parcels need the runtime: test them in a page of a host.');
};
