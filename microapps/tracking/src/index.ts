/**
 * `@fulfilment/tracking`: where one's orders are. It knows its own BFF alone, which hears of orders through events; what moves
 * reaches this page as live updates. Written in Vue with render functions, so that nothing is compiled in the page.
 */
import { type App, type AppProps, defineApp, type Hook } from '@portico/sdk';
import singleSpaVue from 'single-spa-vue';
import { createApp } from 'vue';
import { Root } from './root.ts';
import { SdkTrackingApi } from './sdk-api.ts';
import { SESSION } from './session.ts';
import './tracking.css';

const vue = singleSpaVue({
  createApp,
  appOptions: Root,
  replaceMode: true,
  handleInstance(app, { portico }: AppProps) {
    app.provide(SESSION, { api: new SdkTrackingApi(portico.api), now: () => Date.now() });
  },
});

/** single-spa-vue empties its element with `innerHTML = ''`, which Trusted Types refuses: here that does the same without. */
function emptiedSafely({ domElement }: AppProps): void {
  Object.defineProperty(domElement, 'innerHTML', { configurable: true, set: () => domElement.replaceChildren() });
}

export const { bootstrap, mount, unmount, update } = defineApp({
  bootstrap: vue.bootstrap as Hook,
  mount: [emptiedSafely, vue.mount as Hook],
  unmount: vue.unmount as Hook,
  update: vue.update as Hook,
}) as Required<Pick<App, 'bootstrap' | 'mount' | 'unmount' | 'update'>>;
