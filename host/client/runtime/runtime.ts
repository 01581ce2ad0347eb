/** Puts the runtime together for one page. */

import {
  type Boot,
  boot,
  type Events,
  events,
  navigate,
  type PlatformEvents,
  type Registration,
  type SingleSpa,
} from '@portico/sdk';
import { AppModule } from './module.ts';
import { ParcelHouse } from './parcels.ts';
import { Placement } from './placement.ts';
import { Progress } from './progress.ts';
import { type Move, startRouter } from './router.ts';
import { type Match, RouteTable } from './routes.ts';
import { startSignedOutNotice } from './signed-out.ts';
import { Slot, type Target } from './slot.ts';
import { Announcer, focusView, titleOf } from './view.ts';

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
  return new Page(boot()).start();
}

/** Paths that the host answers itself, whatever an app claims: signing in, for one. */
const OF_THE_HOST = /^\/(_portico|a|api|auth|deploy|dev-idp|live)(\/|$)/;

class Page implements Runtime {
  readonly events = events;
  readonly #boot: Boot;
  readonly #routes: RouteTable;
  readonly #slots: readonly Slot[];
  readonly #modules = new Map<Registration, AppModule>();
  readonly #placements = new Map<string, Placement>();
  readonly #progress = new Progress();
  readonly #announcer = new Announcer();
  #stops: (() => void)[] = [];

  constructor(boot_: Boot) {
    this.#boot = boot_;
    this.#routes = new RouteTable(boot_.apps);
    this.#slots = [...document.querySelectorAll<HTMLElement>('portico-slot')].map((element) => {
      const name = element.getAttribute('name') ?? '';
      return new Slot(element, name, name === boot_.page.slot, ({ view }) => view && this.#focus(document.body));
    });
  }

  start(): Runtime {
    const delegate = { claims: (path: string) => !!this.#viewOf(path), go: (move: Move) => this.#go(move) };
    this.#stops = [startSignedOutNotice(), startRouter(delegate)];
    // What the host rendered into the view for a status other than 200 stays.
    const withView = this.#boot.page.status === 200;
    const url = new URL(location.href);
    // The document that the service worker keeps is of no path in particular.
    if (withView) this.#entitle(this.#viewOf(url.pathname));
    void this.#show(url, withView);
    return this;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    await Promise.all(this.#slots.map((slot) => slot.show([])));
    this.#announcer.stop();
  }

  #viewOf(path: string): Match | undefined {
    if (OF_THE_HOST.test(path)) return undefined;
    return this.#routes.matches(this.#boot.page.slot, path)[0];
  }

  async #go({ url, quiet }: Move): Promise<void> {
    const path = url.pathname;
    const match = this.#viewOf(path);
    if (!match) return;
    const focused = document.activeElement;
    if (!quiet) this.#entitle(match);
    if (!(await this.#show(url, true))) return;
    if (!quiet) {
      this.#focus(focused);
      this.#announcer.say(document.title);
    }
    events.emit('navigate', { path, url, app: match.registration.name, params: match.params });
  }

  #entitle(match: Match | undefined): void {
    document.title = titleOf(match?.route.title, this.#boot.heading) || document.title;
  }

  #focus(before: Element | null): void {
    const view = this.#slots.find((slot) => slot.view);
    if (view) focusView(view.element, before);
  }

  /** Shows in every slot what the address names. Resolves, once the view is on screen, to whether it still is wanted. */
  async #show(url: URL, withView: boolean): Promise<boolean> {
    const end = this.#progress.begin();
    const shown = this.#slots
      .filter(({ view }) => withView || !view)
      .map((slot) => ({ view: slot.view, done: slot.show(this.#targets(slot, url)) }));
    const done = (await shown.find(({ view }) => view)?.done) ?? true;
    end();
    return done;
  }

  /** The view's slot shows the app with the most specific route; any other slot shows every app that has one. */
  #targets({ name, view }: Slot, url: URL): Target[] {
    const matches = this.#routes.matches(name, url.pathname);
    const place = ({ registration }: Match): number => this.#boot.apps.indexOf(registration);
    const chosen = view ? matches.slice(0, 1) : matches.sort((a, b) => place(a) - place(b));
    return chosen.map((match) => ({ placement: this.#placement(name, match), visit: { ...match, url } }));
  }

  #placement(slot: string, { registration }: Match): Placement {
    const several = registration.routes.some((route) => route.slot !== slot);
    const name = several ? `${registration.name}#${slot}` : registration.name;
    return entry(this.#placements, name, () => {
      const module = entry(this.#modules, registration, () => new AppModule(registration, this.#boot.loadTimeoutMs));
      return new Placement(module, slot, name, this.#singleSpa);
    });
  }

  readonly #singleSpa: SingleSpa = {
    mountRootParcel: new ParcelHouse(() => this.#singleSpa).mountParcel,
    navigateToUrl: (target) => void navigate(typeof target === 'string' ? target : target.href),
    getAppNames: () => this.#boot.apps.map(({ name }) => name),
    getMountedApps: () =>
      [...this.#placements.values()].filter(({ state }) => state === 'mounted').map(({ name }) => name),
  };
}

/** The map's value for `key`, made where it is missing. */
function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
