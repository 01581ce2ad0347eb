// An app and a parcel in Vue, by single-spa-vue.
import singleSpaVue from 'single-spa-vue';
import { createApp, h } from 'vue';
import { recorded } from './recorded.js';
import View from './View.vue';

const appOptions = {
  data: () => ({ text: undefined, kept: undefined, portico: undefined }),
  render() {
    return h(View, { text: this.text, kept: this.kept, path: this.portico?.path });
  },
};
const made = () => singleSpaVue({ createApp, appOptions });

export const { bootstrap, mount, unmount, update } = recorded(made());
export const parcel = recorded(made());
