/** Changes the values of a command that waits. */

import type { Listed } from '@portico/local';
import { type Field, fieldsOf, parsed, type Scalar, withValues } from '../fields.ts';
import { isGraphql } from '../result.ts';
import { QUEUE } from '../wording.ts';
import { button, h } from './base.ts';

/** What a person may change of a command: a REST body, or a mutation's variables. */
export function bodyOf(entry: Listed): unknown {
  const body: unknown = JSON.parse(entry.body ?? 'null');
  return isGraphql(entry.url) ? (body as { variables?: unknown } | null)?.variables : body;
}

/** The command's body with another part in the place of what `bodyOf` gave. */
export function withBody(entry: Listed, changed: unknown): unknown {
  if (!isGraphql(entry.url)) return changed;
  return { ...(JSON.parse(entry.body ?? '{}') as object), variables: changed };
}

interface Acts {
  readonly save: (body: unknown) => unknown;
  readonly cancel: () => void;
}

/** A form with a field for each value; what the server found wrong stands at the field that it is about. */
export function editForm(entry: Listed, { save, cancel }: Acts): HTMLFormElement {
  const body = bodyOf(entry);
  const inputs = fieldsOf(body).map((field, index) => row(field, `${entry.key}-${index}`, wrongWith(entry, field)));
  const send = (event: Event): unknown => {
    event.preventDefault();
    const values = new Map(inputs.map(({ field, value }) => [field.pointer, value()] as const));
    return save(withBody(entry, withValues(body, values)));
  };
  return h(
    'form',
    { class: 'p-form', 'aria-label': QUEUE.editing(entry.describe), onsubmit: send },
    ...inputs.map(({ element }) => element),
    h(
      'div',
      { class: 'p-row__acts' },
      h('button', { type: 'submit', class: 'p-button p-button--small', 'data-act': 'save' }, QUEUE.save),
      button('cancel', QUEUE.cancel, cancel),
    ),
  );
}

interface Row {
  readonly field: Field;
  readonly element: HTMLElement;
  readonly value: () => Scalar;
}

function row(field: Field, id: string, wrong: string): Row {
  const { label, value } = field;
  const told: Record<string, string> = wrong ? { 'aria-invalid': 'true', 'aria-describedby': `${id}-wrong` } : {};
  const checks = typeof value === 'boolean';
  const input = h('input', { id, class: checks ? '' : 'p-input', type: checks ? 'checkbox' : 'text', ...told });
  if (checks) input.checked = value;
  else input.value = value === null ? '' : String(value);
  if (typeof value === 'number') input.inputMode = 'decimal';
  const caption = h('label', { for: id }, label);
  const problem = wrong && h('p', { class: 'p-form__wrong', id: `${id}-wrong` }, wrong);
  return {
    field,
    element: h('div', { class: 'p-field' }, caption, input, problem),
    value: () => (checks ? input.checked : parsed(input.value, value)),
  };
}

function wrongWith({ lastProblem }: Listed, { pointer }: Field): string {
  const own = lastProblem?.errors?.filter((error) => error.pointer === pointer) ?? [];
  return own.map(({ detail }) => detail).join(' ');
}
