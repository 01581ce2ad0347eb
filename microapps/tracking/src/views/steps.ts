import { type FunctionalComponent, h, type VNode } from 'vue';
import { moment } from '../format.ts';
import { type DeliveryStatus, ENDINGS, isOver, STATUSES, type Step } from '../model.ts';
import { t } from '../say.ts';

interface Props {
  readonly status: DeliveryStatus;
  readonly steps: readonly Step[];
  readonly now: number;
}

/** The steps of an order: those done with their time, the present one, and those to come, where any will. */
export const Steps: FunctionalComponent<Props> = ({ status, steps, now }) =>
  h(
    'ol',
    { class: 'tracking-steps', role: 'list', 'aria-label': t('steps') },
    shownSteps(status, steps).map((step) => item(step, status, steps, now)),
  );
Steps.props = ['status', 'steps', 'now'];

type ShownStep = (typeof STATUSES)[number] | (typeof ENDINGS)[number];

/** Of an order that will not come, only what happened. */
function shownSteps(status: DeliveryStatus, steps: readonly Step[]): readonly ShownStep[] {
  if (!isOver(status)) return STATUSES;
  const happened = new Set(steps.map((step) => step.status));
  return [...STATUSES, ...ENDINGS].filter((step) => happened.has(step));
}

/** A step that was passed may have no time: the word of it was overtaken by that of a later one. */
function item(step: ShownStep, status: DeliveryStatus, steps: readonly Step[], now: number): VNode {
  const present = status === 'COMPLETED' ? 'DELIVERED' : status;
  const order: readonly DeliveryStatus[] = [...STATUSES, ...ENDINGS];
  const passed = order.indexOf(step) <= order.indexOf(present);
  const at = steps.find((one) => one.status === step)?.at;
  return h(
    'li',
    {
      key: step,
      class: 'tracking-step',
      'data-passed': passed ? '' : undefined,
      'data-over': isOver(step) ? '' : undefined,
      'aria-current': step === present ? 'step' : undefined,
    },
    [
      h('span', { class: 'tracking-step__title' }, t(`step${step}`)),
      at
        ? h('time', { class: 'tracking-muted', datetime: at }, moment(at, now))
        : h('span', { class: 'tracking-muted' }, t(passed ? 'done' : 'notYet')),
    ],
  );
}
