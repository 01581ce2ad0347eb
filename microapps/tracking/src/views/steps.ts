import { type FunctionalComponent, h, type VNode } from 'vue';
import { moment } from '../format.ts';
import { type DeliveryStatus, STATUSES, type Step } from '../model.ts';

const TITLES: Readonly<Record<DeliveryStatus, string>> = {
  SUBMITTED: 'Order placed',
  ACCEPTED: 'Accepted by the kitchen',
  READY: 'Ready to go',
};

interface Props {
  readonly status: DeliveryStatus;
  readonly steps: readonly Step[];
  readonly now: number;
}

/** The steps of an order: those done with their time, the present one, and those to come. */
export const Steps: FunctionalComponent<Props> = ({ status, steps, now }) =>
  h(
    'ol',
    { class: 'tracking-steps', role: 'list', 'aria-label': 'Steps' },
    STATUSES.map((step) => item(step, status, steps, now)),
  );
Steps.props = ['status', 'steps', 'now'];

/** A step that was passed may have no time: the word of it was overtaken by that of a later one. */
function item(step: DeliveryStatus, status: DeliveryStatus, steps: readonly Step[], now: number): VNode {
  const passed = STATUSES.indexOf(step) <= STATUSES.indexOf(status);
  const at = steps.find((one) => one.status === step)?.at;
  return h(
    'li',
    {
      key: step,
      class: 'tracking-step',
      'data-passed': passed ? '' : undefined,
      'aria-current': step === status ? 'step' : undefined,
    },
    [
      h('span', { class: 'tracking-step__title' }, TITLES[step]),
      at
        ? h('time', { class: 'tracking-muted', datetime: at }, moment(at, now))
        : h('span', { class: 'tracking-muted' }, passed ? 'Done' : 'Not yet'),
    ],
  );
}
