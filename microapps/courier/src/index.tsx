/**
 * `@fulfilment/courier`: what a courier has to bring, and where to. It knows its own BFF alone; orders reach that as events, and
 * this page as live updates.
 */
import { type AppProps, defineApp } from '@portico/sdk';
import { render } from 'preact';
import './courier.css';
import { RoundStore } from './round-store.ts';
import { load } from './say.ts';
import { SdkCourierApi } from './sdk-api.ts';
import { Courier } from './views/courier.tsx';

let store: RoundStore | undefined;

export const { bootstrap, mount, unmount } = defineApp({
  bootstrap: load,
  mount({ domElement, portico }: AppProps) {
    store ??= new RoundStore(new SdkCourierApi(portico.api));
    render(<Courier store={store} />, domElement);
  },
  unmount: ({ domElement }) => render(null, domElement),
});
