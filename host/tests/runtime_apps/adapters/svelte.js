// An app and a parcel in Svelte 5, by single-spa-svelte: it makes components with `new`, for which Svelte has a function.
import singleSpaSvelte from 'single-spa-svelte';
import { asClassComponent } from 'svelte/legacy';
import { recorded } from './recorded.js';
import View from './View.svelte';

const made = () => singleSpaSvelte({ component: asClassComponent(View) });

export const { bootstrap, mount, unmount, update } = recorded(made());
export const parcel = recorded(made());
