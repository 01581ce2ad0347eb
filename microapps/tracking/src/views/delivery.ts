import { defineComponent, h, type VNode } from 'vue';
import type { Absence } from '../absence.ts';
import { money } from '../format.ts';
import { type Delivery, isOver } from '../model.ts';
import { t } from '../say.ts';
import { useSession } from '../session.ts';
import { type UsedDelivery, useDelivery } from '../use-delivery.ts';
import { Parcels } from './parcels.ts';
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

const LEAD = (): VNode => h('a', { href: '/track' }, t('all'));

function view(id: string, { found, load }: UsedDelivery, now: number): VNode {
  const retry = (): void => void load();
  switch (found.value.state) {
    case 'loading':
      return frame(t('yours'), null, [h(Bones, { count: 1, label: t('fetchingOne') })]);
    case 'failed':
      return frame(t('yours'), null, [h(Trouble, { failure: found.value.failure, retry })]);
    case 'absent':
      return absent(id, found.value.why, retry);
    case 'there':
      return there(found.value.delivery, now);
  }
}

function there(delivery: Delivery, now: number): VNode {
  const { id, restaurantName, total, status, steps, courierName } = delivery;
  const details = h('a', { href: `/orders/${encodeURIComponent(id)}` }, t('details'));
  return frame(t('from', { restaurant: restaurantName }), total ? h('span', money(total)) : null, [
    isOver(status) ? over(delivery) : null,
    h('div', { class: 'p-card tracking-order' }, [
      h('p', { class: 'p-visually-hidden', role: 'status' }, t(`said${status}`)),
      status === 'PICKED_UP' && courierName
        ? h('p', { class: 'tracking-brings', dir: 'auto' }, t('brings', { courier: courierName }))
        : null,
      h(Steps, { status, steps, now }),
    ]),
    h('p', [details]),
    h(Parcels, { orderId: id }),
  ]);
}

/** Why the order will not come, and where the money is. */
function over({ status, reason, restaurantName }: Delivery): VNode {
  const why = reason ? t(`why${reason}`, { restaurant: restaurantName }) : t('whyUnknown');
  const money = reason === 'PAYMENT_FAILED' ? null : h('p', t(status === 'CANCELLED' ? 'refunded' : 'refunding'));
  return h('div', { class: 'p-notice tracking-notice tracking-over', role: 'status' }, [
    h('strong', t('overTitle')),
    h('p', why),
    money,
    h('a', { class: 'p-button', href: '/' }, t('orderElse')),
  ]);
}

function absent(id: string, why: Absence, retry: () => void): VNode {
  const order = h('a', { class: 'p-button', href: `/orders/${encodeURIComponent(id)}` }, t('see'));
  switch (why) {
    case 'waiting':
      return notice(t('waiting'), t('waitingText'), order);
    case 'stuck':
      return notice(t('stuck'), t('stuckText'), order);
    case 'on-its-way': {
      const again = h('button', { type: 'button', class: 'p-button p-button--quiet', onClick: retry }, t('lookAgain'));
      return notice(t('soon'), t('soonText'), again);
    }
    case 'unknown':
      return nothing(t('unknown'), t('unknownText'), h('a', { class: 'p-button', href: '/track' }, t('seeMine')));
  }
}

function notice(title: string, text: string, way: VNode): VNode {
  return frame(t('yours'), null, [
    h('div', { class: 'p-notice tracking-notice', role: 'status' }, [h('strong', title), h('p', text), way]),
  ]);
}

function frame(title: string, sub: VNode | null, contents: (VNode | null)[]): VNode {
  return h('div', { class: 'tracking-page' }, [head(title, sub, LEAD()), ...contents]);
}
