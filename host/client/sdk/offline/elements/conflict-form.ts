/** The choice in a conflict: mine, theirs, or value by value. */

import type { Choice, Listed } from '@portico/local';
import { type Difference, differences, type Scalar, withValues } from '../fields.ts';
import { QUEUE } from '../wording.ts';
import { button, h } from './base.ts';
import { bodyOf, withBody } from './edit-form.ts';

/** What differs, with a choice for each value, and the two ways to take all of one side. */
export function conflictForm(entry: Listed, choose: (choice: Choice) => unknown): HTMLElement {
  const body = bodyOf(entry);
  const rows = differences(body, entry.lastProblem?.current?.entity).map((difference, index) =>
    choice(difference, `${entry.key}-${index}`),
  );
  const merge = (): unknown => {
    const theirs = rows.flatMap(({ difference, theirs }) =>
      theirs() ? [[difference.field.pointer, difference.theirs] as const] : [],
    );
    return choose({ merge: withBody(entry, withValues(body, new Map(theirs))) });
  };
  return h(
    'div',
    { class: 'p-form' },
    ...rows.map(({ element }) => element),
    h(
      'div',
      { class: 'p-row__acts' },
      rows.length > 1 && button('merge', QUEUE.merge, merge, 'main'),
      button('mine', QUEUE.mine, () => choose('mine')),
      button('theirs', QUEUE.theirs, () => choose('theirs')),
    ),
  );
}

function choice(difference: Difference, name: string) {
  const { field, theirs } = difference;
  const mine = radio(name, true);
  const other = radio(name, false);
  const option = (input: HTMLElement, whose: string, value: Scalar): HTMLElement =>
    h('label', {}, input, ` ${whose}: `, h('strong', {}, shown(value)));
  return {
    difference,
    theirs: () => other.checked,
    element: h(
      'fieldset',
      { class: 'p-field' },
      h('legend', {}, field.label),
      option(mine, QUEUE.yours, field.value),
      option(other, QUEUE.other, theirs),
    ),
  };
}

function radio(name: string, checked: boolean): HTMLInputElement {
  const input = h('input', { type: 'radio', name });
  input.checked = checked;
  return input;
}

function shown(value: Scalar): string {
  return value === null || value === '' ? QUEUE.nothing : String(value);
}
