/** One app in one slot: its state, and one stay in the page after another. */

import { type AppProps, type AppState, apiFor, events, type Phase, type SingleSpa } from '@portico/sdk';
import { runHooks, within } from './hooks.ts';
import { LazyParcels } from './lazy-parcels.ts';
import type { AppModule } from './module.ts';
import type { Match } from './routes.ts';
import { mayFollow } from './states.ts';
import { note } from './timeline.ts';

/** A match, with the address that was asked for. */
export interface Visit extends Match {
  readonly url: URL;
}

/** What an app's place needs of the page around it. */
export interface Surroundings {
  readonly singleSpa: SingleSpa;
  /** Empties the slots that an app has opened inside its root; resolves when what was in them has cleared up. */
  closeWithin(root: Node): Promise<unknown>;
}

/** How long an app may take to clear up before the next one is let in. */
const UNMOUNT_LIMIT_MS = 3000;

/** The time from being prepared to having left; nothing of one stay is used by the next. */
interface Stay {
  /** What stands in the slot; the app's own element is inside, or the same. */
  readonly root: HTMLElement;
  readonly domElement: HTMLElement;
  readonly abort: AbortController;
  readonly parcels: LazyParcels;
  /** Resolves when the app's style sheets apply. */
  readonly styled: Promise<unknown>;
  visit: Visit;
  /** Set once `mount` was called: settles as it does, or at its time limit. */
  mounting?: Promise<void>;
  /** What `mount` returned. */
  work?: Promise<void>;
  mounted?: boolean;
}

/** An app in a slot. What fails rejects, is told as a `failure` event, and is reported to the window's `error` event. */
export class Placement {
  state: AppState = 'registered';
  /** How often it failed since it last was mounted. */
  failures = 0;
  #stay: Stay | undefined;
  /** Settles when the stay before has cleared up: stays of one app in one slot never overlap. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(
    readonly module: AppModule,
    readonly slot: string,
    /** The app's name among all placements: its own, with `#slot` when it fills several. */
    readonly name: string,
    readonly page: Surroundings,
  ) {}

  /** Whether `mount` was called and the app has not left since. */
  get present(): boolean {
    return this.#stay?.mounting !== undefined;
  }

  /** Whether it is being prepared or mounted. */
  get onItsWay(): boolean {
    return this.#stay !== undefined && !this.#stay.mounted;
  }

  /** Loads and bootstraps the app and loads its styles; the page does not change. */
  async prepare(visit: Visit): Promise<void> {
    if (!this.module.app) this.#become('loading');
    this.#stay ??= this.#newStay(visit);
    const stay = this.#stay;
    stay.visit = visit;
    await this.#try('load', Promise.all([this.module.load(), stay.styled]), stay);
    await this.#try('bootstrap', this.module.bootstrap(this.#props(stay)), stay);
    this.#become('bootstrapped');
    await this.#before;
  }

  /** Mounts what was prepared; `place` puts the app's root into the page, before anything else happens. */
  async mount(place: (root: HTMLElement) => void): Promise<void> {
    const stay = this.#stay;
    if (!stay) return;
    place(stay.root);
    stay.work = runHooks(this.module.app?.mount, this.#props(stay));
    stay.mounting = this.module.limited('mount', stay.work);
    try {
      await stay.mounting;
    } catch (error) {
      if (stay === this.#stay) this.#fail('mount', error, stay);
      return void this.#clearUp(stay); // after having left, nobody is interested
    }
    stay.mounted = true;
    if (stay !== this.#stay) return;
    this.failures = 0;
    this.#become('mounted');
  }

  /** Tells a present app its new address, if it wants to know. */
  async update(visit: Visit): Promise<void> {
    const stay = this.#stay;
    await stay?.mounting;
    if (!stay || stay !== this.#stay || stay.visit.url.href === visit.url.href) return;
    stay.visit = visit;
    await this.#try(
      'update',
      this.module.limited('update', runHooks(this.module.app?.update, this.#props(stay))),
      stay,
    );
  }

  /**
   * Ends the stay. Resolves when a mounted app has cleared up, which it gets a limited time for; one that was still on
   * its way in does so on its own, out of the page. Never rejects.
   */
  async leave(): Promise<void> {
    const stay = this.#stay;
    if (!stay) return;
    this.#stay = undefined;
    const ended = this.#end(stay);
    this.#before = ended;
    if (stay.mounted) await ended;
    else stay.root.remove();
  }

  async #end(stay: Stay): Promise<void> {
    stay.abort.abort();
    try {
      const entered = stay.mounting !== undefined;
      let arrived = entered;
      await stay.mounting?.catch(() => {
        arrived = false;
      });
      if (arrived) await this.#unmount(stay);
      if (entered) this.#become('unmounted');
    } catch (error) {
      this.#tell('unmount', error);
    } finally {
      stay.root.remove();
    }
  }

  async #unmount(stay: Stay): Promise<void> {
    const inside = Promise.all([stay.parcels.close(), this.page.closeWithin(stay.root)]);
    const work = inside.then(() => runHooks(this.module.app?.unmount, this.#props(stay)));
    await within(Math.min(UNMOUNT_LIMIT_MS, this.module.limitMs), `${this.name}: unmount`, work);
  }

  /** Ends what a mount has begun, after a failure: the unmount may fail in turn, which is nothing new to tell. */
  async #clearUp(stay: Stay): Promise<void> {
    if (!stay.mounted) await stay.work?.catch(() => {});
    await this.#unmount(stay).catch(() => {});
  }

  #newStay(visit: Visit): Stay {
    const root = document.createElement('div');
    const { name, entry, isolation } = this.module.registration;
    root.dataset.app = name;
    root.dataset.entry = entry;
    const shadow = isolation === 'shadow' ? root.attachShadow({ mode: 'open' }) : null;
    const domElement = shadow ? shadow.appendChild(document.createElement('div')) : root;
    const parcels = new LazyParcels(() => this.page.singleSpa);
    return { root, domElement, abort: new AbortController(), parcels, styled: this.module.useStyles(shadow), visit };
  }

  #props({ domElement, abort, parcels, visit }: Stay): AppProps {
    const { url, params } = visit;
    const { mountParcel } = parcels;
    const portico = {
      signal: abort.signal,
      api: apiFor(this.module.registration),
      slot: this.slot,
      path: url.pathname,
      url,
      params,
    };
    return { name: this.name, domElement, mountParcel, singleSpa: this.page.singleSpa, portico };
  }

  async #try(phase: Phase, work: Promise<unknown>, stay: Stay): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#fail(phase, error, stay);
    }
  }

  /** Ends a stay that failed, and throws what it failed of. */
  #fail(phase: Phase, error: unknown, stay: Stay): never {
    if (stay === this.#stay) {
      this.#stay = undefined;
      stay.abort.abort();
      // The next stay waits for it, but not for ever: a mount may never end.
      if (stay.mounting !== undefined) this.#before = within(UNMOUNT_LIMIT_MS, '', this.#clearUp(stay)).catch(() => {});
      stay.root.remove();
    }
    this.#tell(phase, error);
    throw error;
  }

  #tell(phase: Phase, error: unknown): void {
    if (this.state === 'failed') return; // two that waited for the same thing have the same failure
    this.#become('failed');
    this.failures++;
    events.emit('failure', { app: this.module.registration.name, slot: this.slot, phase, error });
    reportError(error);
  }

  #become(to: AppState): void {
    const from = this.state;
    if (!mayFollow(from, to)) return;
    this.state = to;
    const app = this.module.registration.name;
    note(`portico:${this.name}:${to}`);
    events.emit('state', { app, slot: this.slot, from, to });
  }
}
