/**
 * `@reporting/archive`: the receipts of orders that are over. It knows its own BFF alone, which hears of orders through
 * events. Written in Vue with render functions, so that nothing is compiled in the page.
 */
import { type App, type AppProps, defineApp, type Hook } from '@portico/sdk';
import singleSpaVue from 'single-spa-vue';
import { createApp } from 'vue';
import { ArchiveApi } from './api.ts';
import './archive.css';
import { API, Page } from './page.ts';
import { load } from './say.ts';

const vue = singleSpaVue({
  createApp,
  appOptions: Page,
  replaceMode: true,
  handleInstance(app, { portico }: AppProps) {
    app.provide(API, new ArchiveApi(portico.api, portico.signal));
  },
});

export const { bootstrap, mount, unmount } = defineApp({
  bootstrap: [load, vue.bootstrap as Hook],
  mount: vue.mount as Hook,
  unmount: vue.unmount as Hook,
}) as Required<Pick<App, 'bootstrap' | 'mount' | 'unmount'>>;
