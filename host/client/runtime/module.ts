/** One app's code and styles: imported and bootstrapped once, however many slots it fills. */

import type { App, AppProps, Registration } from '@portico/sdk';
import { runHooks, within } from './hooks.ts';
import { later } from './idle.ts';
import { loadSheets } from './styles.ts';

export class AppModule {
  /** The life-cycle functions, once loaded. */
  app: App | undefined;
  #loading: Promise<App> | undefined;
  #bootstrapping: Promise<void> | undefined;
  /** How often importing or bootstrapping it failed, or fetching it ahead: a browser remembers that for its address. */
  failures = 0;
  #sheets: Promise<CSSStyleSheet[]> | undefined;
  #sheetFailures = 0;

  constructor(
    readonly registration: Registration,
    readonly limitMs: number,
  ) {}

  /** Imports the module; after a failure, anew. One import at a time, whoever asks. */
  load(): Promise<App> {
    this.#loading ??= this.#import().catch((error) => this.#forget(error));
    return this.#loading;
  }

  /** Runs `bootstrap` once; one that failed leaves the module to be imported anew. */
  bootstrap(props: AppProps): Promise<void> {
    this.#bootstrapping ??= this.limited('bootstrap', runHooks(this.app?.bootstrap, props)).catch((error) =>
      this.#forget(error),
    );
    return this.#bootstrapping;
  }

  /** Resolves when the app's style sheets apply: in its shadow root if it has one, else in the document. */
  async useStyles(shadow: ShadowRoot | null): Promise<void> {
    this.#sheets ??= this.limited('its styles', loadSheets(this.registration, this.#sheetFailures > 0)).catch(
      (error) => {
        this.#sheetFailures++;
        this.#sheets = undefined;
        throw error;
      },
    );
    const sheets = await this.#sheets;
    const { adoptedStyleSheets } = shadow ?? document;
    if (sheets[0] && !adoptedStyleSheets.includes(sheets[0])) adoptedStyleSheets.push(...sheets);
  }

  /** Settles as `work` does, or rejects when it takes longer than a step of an app may. */
  limited<T>(what: string, work: Promise<T>): Promise<T> {
    return within(this.limitMs, `${this.registration.name}: ${what}`, work);
  }

  async #import(): Promise<App> {
    const { entry, name } = this.registration;
    const suffix = this.failures ? `?retry=${this.failures}` : ''; // makes the address a new one for the browser
    if (suffix) (await later()).announceRetry(entry, suffix);
    const module: Partial<App> & { default?: Partial<App> } = await this.limited('its module', import(entry + suffix));
    const app = module.mount ? module : (module.default ?? module);
    if (!app.mount || !app.unmount) throw new TypeError(`${name} must export mount and unmount`);
    this.app = app as App;
    return this.app;
  }

  #forget(error: unknown): never {
    this.failures++;
    this.app = this.#loading = this.#bootstrapping = undefined;
    throw error;
  }
}
