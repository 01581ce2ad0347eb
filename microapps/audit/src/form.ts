/** The form that says what is looked for. */
import { html } from './elements.ts';
import type { Filter, Place } from './model.ts';
import { t } from './say.ts';

export interface FilterForm {
  readonly element: HTMLFormElement;
  /** The places that there are, once they are known. */
  offer(places: readonly Place[]): void;
  filter(): Filter;
}

export function filterForm(): FilterForm {
  const place = select('place', [['', t('everywhere')]]);
  const element = html(
    'form',
    { class: 'audit__form', 'aria-label': t('form') },
    field(t('who'), input('actor', 'text')),
    field(t('entity'), input('entity', 'text')),
    field(t('kind'), input('kind', 'text')),
    field(
      t('outcome'),
      select('outcome', [
        ['', t('both')],
        ['allowed', t('allowed')],
        ['refused', t('refused')],
      ]),
    ),
    field(t('from'), input('from', 'date')),
    field(t('until'), input('until', 'date')),
    field(t('where'), place),
    html('button', { class: 'p-button', type: 'submit' }, t('show')),
  );
  return {
    element,
    offer: (places) => place.append(...places.map(({ name }) => html('option', { value: name }, name))),
    filter: () => read(new FormData(element)),
  };
}

function read(form: FormData): Filter {
  const text = (name: string): string => String(form.get(name) ?? '');
  return {
    place: text('place'),
    actor: text('actor'),
    entity: text('entity'),
    kind: text('kind'),
    outcome: text('outcome'),
    from: text('from'),
    until: text('until'),
  };
}

function field(label: string, control: HTMLInputElement | HTMLSelectElement): HTMLElement {
  return html('div', { class: 'p-field' }, html('label', { for: control.id }, label), control);
}

function input(name: string, type: string): HTMLInputElement {
  return html('input', {
    class: 'p-input',
    id: `audit-${name}`,
    name,
    type,
    maxlength: '500',
    autocomplete: 'off',
    spellcheck: 'false',
  });
}

function select(name: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
  const made = options.map(([value, label]) => html('option', { value }, label));
  return html('select', { class: 'p-input', id: `audit-${name}`, name }, ...made);
}
