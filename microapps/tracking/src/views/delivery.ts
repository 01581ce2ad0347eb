import { defineComponent, h, type VNode } from 'vue';
import type { Absence } from '../absence.ts';
import { money } from '../format.ts';
import type { Delivery } from '../model.ts';
import { useSession } from '../session.ts';
import { type UsedDelivery, useDelivery } from '../use-delivery.ts';
import { Bones, head, nothing, Trouble } from './parts.ts';
import { Steps } from './steps.ts';

/** `/track/:id`: one order, step by step. */
export const DeliveryView = defineComponent({
  name: 'DeliveryView',
  props: { id: { type: String, required: true } },
  setup({ id }) {
    const session = useSession();
    const used = useDelivery(session, id);
    return () => view(id, used, session.now());
  },
});

const LEAD = (): VNode => h('a', { href: '/track' }, 'All orders');

function view(id: string, { found, load }: UsedDelivery, now: number): VNode {
  const retry = (): void => void load();
  switch (found.value.state) {
    case 'loading':
      return frame('Your order', null, [h(Bones, { count: 1, label: 'Fetching where your order is' })]);
    case 'failed':
      return frame('Your order', null, [h(Trouble, { failure: found.value.failure, retry })]);
    case 'absent':
      return absent(id, found.value.why, retry);
    case 'there':
      return there(found.value.delivery, now);
  }
}

function there(delivery: Delivery, now: number): VNode {
  const { id, restaurantName, total, status, steps } = delivery;
  const details = h('a', { href: `/orders/${encodeURIComponent(id)}` }, 'What you ordered');
  return frame(`From ${restaurantName}`, total ? h('span', money(total)) : null, [
    h('div', { class: 'p-card tracking-order' }, [
      h('p', { class: 'p-visually-hidden', role: 'status' }, SAID[status]),
      h(Steps, { status, steps, now }),
    ]),
    h('p', [details]),
  ]);
}

const SAID = {
  SUBMITTED: 'The restaurant has your order.',
  ACCEPTED: 'The kitchen is cooking your order.',
  READY: 'Your order is ready to go.',
} as const;

function absent(id: string, why: Absence, retry: () => void): VNode {
  const order = h('a', { class: 'p-button', href: `/orders/${encodeURIComponent(id)}` }, 'See the order');
  switch (why) {
    case 'waiting':
      return notice('Saved on this device, not sent yet', WAITING, order);
    case 'stuck':
      return notice('Your order was not taken', 'It needs your attention before it can be sent.', order);
    case 'on-its-way': {
      const again = h('button', { type: 'button', class: 'p-button p-button--quiet', onClick: retry }, 'Look again');
      return notice('The restaurant is about to get your order', ON_ITS_WAY, again);
    }
    case 'unknown':
      return nothing(
        'There is no such order',
        'The link may be mistyped, or the order belongs to somebody else.',
        h('a', { class: 'p-button', href: '/track' }, 'See my orders'),
      );
  }
}

const WAITING = 'It will be sent as soon as there is a connection. Where it is can be seen here from then on.';
const ON_ITS_WAY = 'It was placed a moment ago. This page shows where it is as soon as the restaurant has it.';

function notice(title: string, text: string, way: VNode): VNode {
  return frame('Your order', null, [
    h('div', { class: 'p-notice tracking-notice', role: 'status' }, [h('strong', title), h('p', text), way]),
  ]);
}

function frame(title: string, sub: VNode | null, contents: VNode[]): VNode {
  return h('div', { class: 'tracking-page' }, [head(title, sub, LEAD()), ...contents]);
}
