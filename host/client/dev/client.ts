/** What `portico dev` serves beside an app: the module that stands for the app in the page and replaces it in place. */

import { type App, boot } from '@portico/sdk';
import { ErrorView } from './error-view.ts';
import { listen } from './feed.ts';
import { rememberFields } from './fields.ts';
import { HotApp } from './hot-app.ts';
import { Sheets } from './sheets.ts';

/** What the builds of an app leave in the page for those that follow, by the app's name; see builder/js/refresh. */
type Kept = Record<string, { readonly refresher?: { refresh(): void } } | undefined>;
const kept = () => (globalThis as unknown as Record<symbol, Kept | undefined>)[Symbol.for('portico.dev')];

const apps = new Map<string, HotApp>();

/**
 * The life cycle of an app under development, whose builds the server at `base` tells of.
 *
 * @param name the app's full name, `@team/app`
 */
export function hotApp(name: string, base: string): App {
  const app = apps.get(name) ?? start(name, base);
  apps.set(name, app); // the runtime's "Try again" imports the entry once more; there still is one connection
  return app.lifeCycle;
}

function start(name: string, base: string): HotApp {
  const registration = boot().apps.find((one) => one.name === name);
  if (!registration) throw new Error(`${name} is not in this page`);
  const app = new HotApp(name, {
    load: (url) => import(url),
    remember: rememberFields,
    refresh: () => kept()?.[name]?.refresher?.refresh(),
    note: (text) => console.info(text),
    sheets: new Sheets(registration, base),
    errors: new ErrorView(name),
  });
  listen(base, app);
  return app;
}
