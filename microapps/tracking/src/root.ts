import { defineComponent, h, type VNode } from 'vue';
import { DeliveriesView } from './views/deliveries.ts';
import { DeliveryView } from './views/delivery.ts';

/** The view that an address asks for. single-spa-vue lays the runtime's props, and their updates, into `data`. */
export const Root = defineComponent({
  name: 'TrackingRoot',
  data: (): { portico?: { readonly params: Readonly<Record<string, string>> } } => ({}),
  render(): VNode {
    const id = this.portico?.params.id;
    return h('div', { class: 'tracking' }, [
      id === undefined ? h(DeliveriesView, { key: 'list' }) : h(DeliveryView, { key: id, id }),
    ]);
  },
});
