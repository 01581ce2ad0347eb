/** Puts the runtime together for one page. */

import {
  activation,
  boot,
  type Events,
  events,
  navigate,
  type PlatformEvents,
  type Registration,
  type SingleSpa,
} from '@portico/sdk';
import { type Active, activated } from './activations.ts';
import { later, whenIdle } from './idle.ts';
import type { LaterPage } from './later.ts';
import { LazyParcels } from './lazy-parcels.ts';
import { AppModule } from './module.ts';
import { Placement, type Surroundings } from './placement.ts';
import { Progress } from './progress.ts';
import { type Move, startRouter } from './router.ts';
import { type Match, RouteTable } from './routes.ts';
import { Slot, type Target } from './slot.ts';
import { isWithin, startSlots } from './slots.ts';

/** The running runtime. */
export interface Runtime {
  /** States and failures of apps, navigations, and what the sdk tells. */
  readonly events: Events<PlatformEvents>;
  /** Stops listening and unmounts every app. */
  stop(): Promise<void>;
}

/**
 * Starts the runtime on the present page: mounts what the address names, then follows navigations.
 *
 * @throws Error when the page carries no boot document.
 */
export function start(): Runtime {
  return new Page().start();
}

/** Paths that the host answers itself, whatever an app claims: signing in, for one. */
const OF_THE_HOST = /^\/(_portico|a|api|auth|deploy|dev-idp|live)(\/|$)/;

class Page implements Runtime, Surroundings, LaterPage {
  readonly events = events;
  readonly #boot = boot();
  readonly #view = this.#boot.page.slot;
  readonly #slots = new Set<Slot>();
  readonly #modules = new Map<Registration, AppModule>();
  readonly #progress = new Progress();
  readonly active: Active = new Map();
  told = 0;
  #routes = new RouteTable(this.#boot.apps);
  /** What was asked for last. */
  #url = new URL(location.href);
  #started = false;
  #stops: (() => void)[] = [];

  start(): Runtime {
    startSlots({
      opened: (element) => this.#open(element),
      closed: (element) => void this.#close([...this.#slots].find((slot) => slot.element === element)),
    });
    const delegate = { claims: (path: string) => !!this.match(path), go: (move: Move) => this.#go(move) };
    const notice = (): void => void later().then(({ showSignedOut }) => showSignedOut(), reportError);
    const tell = ({ revision }: { revision: number }): void => {
      this.told = revision;
    };
    this.#stops = [startRouter(delegate), events.on('signed-out', notice), events.on('channel-changed', tell)];
    activation.activate = (name, slot) => later().then((module) => module.activate(this, name, slot));
    activation.deactivate = (name) => later().then((module) => module.deactivate(this, name));
    // What the host rendered into the view for a status other than 200 stays.
    const withView = this.#boot.page.status === 200;
    // The document that the service worker keeps is of no path in particular.
    if (withView) this.#entitle(this.match(this.#url.pathname));
    this.#started = true;
    const rest = (): void => void later().then(({ start }) => this.#stops.push(start(this)), reportError);
    // Not before: what is fetched for later must not be in the way of what the first view still fetches.
    void this.#show(this.#url, withView).then(() => whenIdle(rest));
    return this;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.closeWithin(document);
  }

  match(path: string): Match | undefined {
    if (OF_THE_HOST.test(path)) return undefined;
    return this.#routes.matches(this.#view, path)[0];
  }

  renew(apps: readonly Registration[]): void {
    this.#boot.apps = apps;
    this.#routes = new RouteTable(apps);
  }

  missed(app: Registration): void {
    this.#module(app).failures++;
  }

  showRest(): Promise<unknown> {
    return this.#showIn([...this.#slots].filter(({ view }) => !view));
  }

  shown(name: string): boolean {
    return [...this.#slots].some((slot) => slot.shown(name));
  }

  async closeWithin(root: Node): Promise<void> {
    await Promise.all(
      [...this.#slots].filter(({ element }) => isWithin(root, element)).map((slot) => this.#close(slot)),
    );
  }

  /** A slot came into the page. Where there are two of one name, the first is the one that is filled. */
  #open(element: HTMLElement): void {
    const name = element.getAttribute('name') ?? '';
    if ([...this.#slots].some((slot) => slot.name === name)) {
      reportError(new Error(`two <portico-slot name="${name}">: the first is filled`));
      return;
    }
    const slot: Slot = new Slot(element, name, name === this.#view, () => slot.show(this.#targets(slot)));
    this.#slots.add(slot);
    if (this.#started) void this.#showIn([slot]);
  }

  async #close(slot: Slot | undefined): Promise<void> {
    if (slot && this.#slots.delete(slot)) await slot.show([]);
  }

  async #go({ url, quiet }: Move): Promise<void> {
    const path = url.pathname;
    const match = this.match(path);
    if (!match) return;
    const focused = document.activeElement;
    if (!quiet) this.#entitle(match);
    if (!(await this.#show(url, true))) return;
    if (!quiet) await this.#focus(focused).then((say) => say(document.title), reportError);
    events.emit('navigate', { path, url, app: match.registration.name, params: match.params });
  }

  #entitle(match: Match | undefined): void {
    const title = [match?.route.title, this.#boot.heading].filter(Boolean).join(' · ');
    if (title && title !== document.title) document.title = title; // setting it costs, also where it stays
  }

  /** Moves the focus to the view; resolves to what announces. */
  async #focus(before: Element | null): Promise<(text: string) => void> {
    const view = [...this.#slots].find((slot) => slot.view);
    const { announce, focusView } = await later();
    if (view) focusView(view.element, before);
    return announce;
  }

  /** Shows in every slot what the address names. Resolves, once the view is on screen, to whether it still is wanted. */
  async #show(url: URL, withView: boolean): Promise<boolean> {
    this.#url = url;
    const end = this.#progress.begin();
    const slots = [...this.#slots].filter(({ view }) => withView || !view);
    const outer = slots.filter(({ nested }) => !nested);
    const view = outer.find((slot) => slot.view);
    const rest = this.#showIn(outer.filter((slot) => slot !== view));
    const done = view ? await view.show(this.#targets(view)) : true;
    end();
    // A slot inside an app follows when its app has: what is in it must not go before the app around it does.
    const inner = (): unknown =>
      url === this.#url && this.#showIn(slots.filter((slot) => slot.nested && this.#slots.has(slot)));
    void rest.then(inner);
    return done;
  }

  #showIn(slots: readonly Slot[]): Promise<unknown> {
    return Promise.all(slots.map((slot) => slot.show(this.#targets(slot))));
  }

  /** The view's slot shows the app with the most specific route; any other slot shows every app that has one. */
  #targets(slot: Slot): Target[] {
    const { apps } = this.#boot;
    const matches = activated(this.#routes.matches(slot.name, this.#url.pathname), slot.name, this.active, apps);
    const place = ({ registration }: Match): number => apps.indexOf(registration);
    const chosen = slot.view ? matches.slice(0, 1) : matches.sort((a, b) => place(a) - place(b));
    return chosen.map((match) => ({ placement: this.#placement(slot, match), visit: { ...match, url: this.#url } }));
  }

  /** The app's place in a slot. An app that is there stays what it is, also when there is a newer release of it. */
  #placement(slot: Slot, { registration }: Match): Placement {
    const several = registration.routes.some((route) => route.slot !== slot.name);
    const name = several ? `${registration.name}#${slot.name}` : registration.name;
    return (
      slot.shown(registration.name) ??
      entry(slot.placements, registration, () => {
        return new Placement(this.#module(registration), slot.name, name, this);
      })
    );
  }

  #module(app: Registration): AppModule {
    return entry(this.#modules, app, () => new AppModule(app, this.#boot.loadTimeoutMs));
  }

  readonly singleSpa: SingleSpa = {
    mountRootParcel: new LazyParcels(() => this.singleSpa).mountParcel,
    navigateToUrl: (target) => void navigate((target as { href?: string }).href ?? (target as string)),
    getAppNames: () => this.#boot.apps.map(({ name }) => name),
    getMountedApps: () =>
      [...this.#slots]
        .flatMap((slot) => [...slot.placements.values()])
        .filter(({ state }) => state === 'mounted')
        .map(({ name }) => name),
  };
}

/** The map's value for `key`, made where it is missing. */
function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
