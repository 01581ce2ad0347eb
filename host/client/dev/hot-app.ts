/** An app whose code changes while it is in the page: each new build takes the place of the one before, in place. */

import type { App, AppProps, Hooks } from '@portico/sdk';
import type { Build, Fault, Listener } from './feed.ts';
import { Stay } from './stay.ts';

/** Where style sheets go. */
export interface SheetPort {
  /** Loads these in place of those before; rejects, and changes nothing, when one cannot be had. */
  use(urls: readonly string[]): Promise<void>;
  /** Has them apply where this element is; they go on doing so. */
  adoptAt(element: HTMLElement): void;
}

/** Where a developer reads what is wrong. */
export interface ErrorPort {
  show(title: string, faults: readonly Fault[]): void;
  clear(): void;
  /** Fills the place of an app that has not been built yet. */
  standIn(root: HTMLElement): void;
}

export interface Ports {
  /** Imports a module. */
  readonly load: (url: string) => Promise<unknown>;
  /** Takes down what a person has typed there; what it returns fills it in again. */
  readonly remember: (root: HTMLElement) => () => void;
  /** Has the components of the builds that were loaded take the place of those on screen, where the framework can. */
  readonly refresh: () => void;
  /** Tells a developer something that is not wrong. */
  readonly note: (text: string) => void;
  readonly sheets: SheetPort;
  readonly errors: ErrorPort;
}

/** One evaluated build. */
export interface Loaded {
  readonly app: App;
  readonly code: string;
  /** Of the latest build that is the same code. */
  number: number;
  /** Set once `bootstrap` was called. */
  bootstrapped?: Promise<void>;
}

/** What can be wrong at the same time: each is mended by itself. */
type Kind = 'build' | 'bff' | 'app';

export class HotApp implements Listener {
  readonly #stays = new Map<HTMLElement, Stay>();
  /** What an app keeps from one build to the next, by the name it is mounted under. */
  readonly #data = new Map<string, Record<string, unknown>>();
  /** Whether the server has told how things stand. */
  #told = false;
  #first = new Gate();
  readonly #wrong = new Map<Kind, { readonly title: string; readonly faults: readonly Fault[] }>();
  #latest: Loaded | undefined;
  readonly #noted = new Set<string>();
  /** Builds are taken one after another. */
  #work: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    readonly ports: Ports,
  ) {}

  /** What the runtime mounts: the latest build, whichever that is at the time. */
  readonly lifeCycle: App = {
    bootstrap: () => (this.#told ? undefined : this.#first.promise),
    mount: (props) => this.#enter(props),
    update: (props) => this.#stays.get(props.domElement)?.update(props),
    unmount: (props) => this.#leave(props),
  };

  built(build: Build): void {
    this.#then(() => this.#take(build));
  }

  failed(faults: readonly Fault[]): void {
    this.#then(async () => {
      this.#say('build', `${this.name} was not built`, faults);
      this.#begin();
    });
  }

  bffFailed(faults: readonly Fault[]): void {
    this.#then(async () => this.#say('bff', `The BFF of ${this.name} does not start`, faults));
  }

  bffStarted(): void {
    this.#then(async () => {
      this.#mended('bff', 'app');
      if (this.#latest) await this.#replace(this.#latest);
    });
  }

  lost(): void {
    const advice = 'Start it, or turn your version off.';
    this.#first.reject(new Error(`\`portico dev\` does not answer for ${this.name}. ${advice}`));
    this.#first = new Gate(); // for who tries again: the connection does too
  }

  /** Resolves when everything that was told so far is on screen. */
  get settled(): Promise<void> {
    return this.#work;
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error) => this.#report(error));
  }

  async #take(build: Build): Promise<void> {
    await this.ports.sheets.use(build.styles);
    if (this.#latest?.code !== build.code) {
      const app = lifeCycleOf(this.name, await this.ports.load(build.entry));
      this.#mended('build', 'app');
      await this.#change({ app, code: build.code, number: build.number }, build);
    } else {
      this.#latest.number = build.number;
      this.#mended('build');
    }
    this.#begin();
  }

  /** In place of what is mounted, or in it: then what mounted it ends it, too. */
  async #change(loaded: Loaded, { since, why }: Build): Promise<void> {
    const before = this.#latest;
    if (before && before.number >= since) {
      this.#latest = loaded;
      this.ports.refresh();
      return;
    }
    if (before && why) this.#note(`${this.name} is mounted anew, its state with it: ${why}.`);
    await this.#replace(loaded);
  }

  #note(text: string): void {
    if (!this.#noted.has(text)) this.ports.note(text);
    this.#noted.add(text);
  }

  async #replace(loaded: Loaded): Promise<void> {
    this.#latest = loaded;
    const place = { left: scrollX, top: scrollY };
    await Promise.all([...this.#stays.values()].map((stay) => stay.become(loaded)));
    scrollTo({ ...place, behavior: 'instant' });
  }

  async #enter(props: AppProps): Promise<void> {
    const { remember, refresh } = this.ports;
    const stay = new Stay(props, remember, this.#dataOf(props.name), refresh, (error) => this.#report(error));
    this.#stays.set(props.domElement, stay);
    this.ports.sheets.adoptAt(props.domElement);
    if (this.#latest) await stay.become(this.#latest);
    else this.ports.errors.standIn(props.domElement);
  }

  async #leave({ domElement }: AppProps): Promise<void> {
    const stay = this.#stays.get(domElement);
    this.#stays.delete(domElement);
    await stay?.end();
  }

  #dataOf(name: string): Record<string, unknown> {
    const data = this.#data.get(name) ?? {};
    this.#data.set(name, data);
    return data;
  }

  #begin(): void {
    this.#told = true;
    this.#first.resolve();
  }

  #report(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#say('app', `${this.name} failed`, [{ text }]);
    this.#begin();
  }

  #say(kind: Kind, title: string, faults: readonly Fault[]): void {
    this.#wrong.set(kind, { title, faults });
    this.ports.errors.show(title, faults);
  }

  /** What is wrong still, is said again. */
  #mended(...kinds: Kind[]): void {
    for (const kind of kinds) this.#wrong.delete(kind);
    const [left] = this.#wrong.values();
    if (left) this.ports.errors.show(left.title, left.faults);
    else this.ports.errors.clear();
  }
}

/** A promise that is settled from outside. */
class Gate {
  resolve!: () => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => {}); // whoever waits hears of it
  }
}

function lifeCycleOf(name: string, loaded: unknown): App {
  const module = loaded as Partial<App> & { readonly default?: Partial<App> };
  const app = module.mount ? module : (module.default ?? module);
  if (!app.mount || !app.unmount) throw new TypeError(`${name} must export mount and unmount`);
  return app as App;
}

/** Runs a life-cycle function, or several one after another; nothing when there is none. */
export async function run(hooks: Hooks | undefined, props: AppProps): Promise<void> {
  for (const hook of typeof hooks === 'function' ? [hooks] : (hooks ?? [])) await hook(props);
}
