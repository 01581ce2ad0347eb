// A Vue app, and a parcel, that throw while they are set up.
import singleSpaVue from 'single-spa-vue';
import { createApp } from 'vue';
import { recorded } from './recorded.js';

const appOptions = {
  setup() {
    throw new Error('Vue: out of order');
  },
  render: () => null,
};

// Without this Vue only logs what is thrown.
const handleInstance = (app) => void (app.config.throwUnhandledErrorInProduction = true);
const made = () => singleSpaVue({ createApp, appOptions, handleInstance });

export const { bootstrap, mount, unmount } = recorded(made());
export const parcel = recorded(made());
