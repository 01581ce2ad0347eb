// A Svelte app, and a parcel, that throw while they are set up.
import singleSpaSvelte from 'single-spa-svelte';
import { asClassComponent } from 'svelte/legacy';
import Broken from './Broken.svelte';
import { recorded } from './recorded.js';

const made = () => singleSpaSvelte({ component: asClassComponent(Broken) });

export const { bootstrap, mount, unmount } = recorded(made());
export const parcel = recorded(made());
