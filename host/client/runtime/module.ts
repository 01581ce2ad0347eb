/** One app's code and styles: imported and bootstrapped once, however many slots it fills. */

import type { App, AppProps, Registration } from '@portico/sdk';
import { runHooks, within } from './hooks.ts';
import { announceRetry } from './second-import.ts';
import { addSheet, type Sheet } from './styles.ts';

export class AppModule {
  /** The life-cycle functions, once loaded. */
  app: App | undefined;
  #loading: Promise<App> | undefined;
  #bootstrapping: Promise<void> | undefined;
  #failures = 0;
  #sheets: readonly Sheet[] | undefined;
  #sheetUsers = 0;
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

  /** Resolves when the app's style sheets apply. Each call is to be followed by one of `releaseStyles`. */
  useStyles(): Promise<unknown> {
    const suffix = suffixOf(this.#sheetFailures);
    this.#sheetUsers++;
    this.#sheets ??= this.registration.styles.map((style) => addSheet(style, suffix));
    const loaded = Promise.all(this.#sheets.map((sheet) => sheet.loaded));
    return this.limited('its styles', loaded).catch((error) => {
      this.#sheetFailures++;
      this.#removeSheets();
      throw error;
    });
  }

  /** Takes the style sheets out of the page when this was their last user. */
  releaseStyles(): void {
    if (--this.#sheetUsers === 0) this.#removeSheets();
  }

  #removeSheets(): void {
    for (const { link } of this.#sheets ?? []) link.remove();
    this.#sheets = undefined;
  }

  /** Settles as `work` does, or rejects when it takes longer than a step of an app may. */
  limited<T>(what: string, work: Promise<T>): Promise<T> {
    return within(this.limitMs, `${this.registration.name}: ${what}`, work);
  }

  async #import(): Promise<App> {
    const { entry, name } = this.registration;
    const suffix = suffixOf(this.#failures);
    if (suffix) announceRetry(entry, suffix);
    const module: Partial<App> & { default?: Partial<App> } = await this.limited('its module', import(entry + suffix));
    const app = module.mount ? module : (module.default ?? module);
    if (!app.mount || !app.unmount) throw new TypeError(`${name} must export mount and unmount`);
    this.app = app as App;
    return this.app;
  }

  #forget(error: unknown): never {
    this.#failures++;
    this.app = this.#loading = this.#bootstrapping = undefined;
    throw error;
  }
}

/** What makes an address a new one for the browser after failures. */
function suffixOf(failures: number): string {
  return failures ? `?retry=${failures}` : '';
}
