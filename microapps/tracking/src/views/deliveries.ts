import { defineComponent, h, type VNode } from 'vue';
import { moment, money } from '../format.ts';
import type { Delivery, DeliveryPage } from '../model.ts';
import { t } from '../say.ts';
import { useSession } from '../session.ts';
import { type Deliveries, useDeliveries } from '../use-deliveries.ts';
import { Bones, head, nothing, Status, Trouble } from './parts.ts';

/** `/track`: where my orders are, newest first. */
export const DeliveriesView = defineComponent({
  name: 'DeliveriesView',
  setup() {
    const { api, now } = useSession();
    const deliveries = useDeliveries(api);
    return () => {
      const page = deliveries.page.value;
      if (page?.nodes.length === 0) return NOTHING();
      return h('div', { class: 'tracking-page' }, [
        head(t('onTheWay')),
        page ? list(page, deliveries, now()) : null,
        deliveries.failure.value !== undefined
          ? h(Trouble, { failure: deliveries.failure.value, retry: () => void deliveries.load() })
          : null,
        !page && deliveries.failure.value === undefined ? h(Bones, { count: 3, label: t('fetchingAll') }) : null,
      ]);
    };
  },
});

const NOTHING = (): VNode =>
  nothing(t('nothing'), t('nothingText'), h('a', { class: 'p-button', href: '/' }, t('browse')));

function list({ nodes, hasNextPage }: DeliveryPage, { loading, more }: Deliveries, now: number): VNode[] {
  const items = nodes.map((delivery) => h('li', { key: delivery.id }, [card(delivery, now)]));
  const next = {
    type: 'button',
    class: 'p-button p-button--quiet tracking-more',
    'aria-disabled': loading.value,
    onClick: () => loading.value || void more(),
  };
  return [
    h('ul', { class: 'tracking-list', role: 'list' }, items),
    ...(hasNextPage ? [h('button', next, t(loading.value ? 'fetching' : 'older'))] : []),
  ];
}

function card({ id, restaurantName, status, steps, total }: Delivery, now: number): VNode {
  const last = steps.at(-1);
  return h('article', { class: 'p-card tracking-card' }, [
    h('div', { class: 'tracking-card__what' }, [
      h('h2', [h('a', { href: `/track/${encodeURIComponent(id)}`, dir: 'auto' }, restaurantName)]),
      last ? h('p', { class: 'tracking-muted' }, [h('time', { datetime: last.at }, moment(last.at, now))]) : null,
    ]),
    h(Status, { of: status }),
    total ? h('span', { class: 'tracking-amount' }, money(total)) : null,
  ]);
}
