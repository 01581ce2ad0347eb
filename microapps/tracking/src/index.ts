/**
 * `@fulfilment/tracking`: where one's orders are. It knows its own BFF alone, which hears of orders through events; what moves
 * reaches this page as live updates. Written in Vue with render functions, so that nothing is compiled in the page.
 */
import { type App, type AppProps, defineApp, type Hook } from '@portico/sdk';
import singleSpaVue from 'single-spa-vue';
import { createApp } from 'vue';
import { Root } from './root.ts';
import { load } from './say.ts';
import { SdkTrackingApi } from './sdk-api.ts';
import { SESSION } from './session.ts';
import './tracking.css';
import { MOUNT_PARCEL } from './views/parcels.ts';

const vue = singleSpaVue({
  createApp,
  appOptions: Root,
  replaceMode: true,
  handleInstance(app, { portico, mountParcel }: AppProps) {
    app.provide(MOUNT_PARCEL, mountParcel);
    app.provide(SESSION, { api: new SdkTrackingApi(portico.api), now: () => Date.now() });
  },
});

export const { bootstrap, mount, unmount, update } = defineApp({
  bootstrap: [load, vue.bootstrap as Hook],
  mount: vue.mount as Hook,
  unmount: vue.unmount as Hook,
  update: vue.update as Hook,
}) as Required<Pick<App, 'bootstrap' | 'mount' | 'unmount' | 'update'>>;
