/**
 * `@fulfilment/kitchen`: what a restaurant has to cook. It knows its own BFF alone; orders reach that as events, and this page
 * as live updates.
 */
import { type AppProps, defineApp } from '@portico/sdk';
import { render } from 'preact';
import './kitchen.css';
import { QueueStore } from './queue-store.ts';
import { load } from './say.ts';
import { SdkKitchenApi } from './sdk-api.ts';
import { Kitchen } from './views/kitchen.tsx';

let store: QueueStore | undefined;

export const { bootstrap, mount, unmount } = defineApp({
  bootstrap: load,
  mount({ domElement, portico }: AppProps) {
    store ??= new QueueStore(new SdkKitchenApi(portico.api));
    render(<Kitchen store={store} />, domElement);
  },
  unmount: ({ domElement }) => render(null, domElement),
});
