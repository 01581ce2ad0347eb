/** The form that says what is looked for. */
import { html } from './elements.ts';
import type { Filter, Place } from './model.ts';

export interface FilterForm {
  readonly element: HTMLFormElement;
  /** The places that there are, once they are known. */
  offer(places: readonly Place[]): void;
  filter(): Filter;
}

export function filterForm(): FilterForm {
  const place = select('place', [['', 'Everywhere']]);
  const element = html(
    'form',
    { class: 'audit__form', 'aria-label': 'What to look for' },
    field('Who', input('actor', 'text')),
    field('Which entity', input('entity', 'text')),
    field('Kind', input('kind', 'text')),
    field(
      'Outcome',
      select('outcome', [
        ['', 'Allowed and refused'],
        ['allowed', 'Allowed'],
        ['refused', 'Refused'],
      ]),
    ),
    field('From', input('from', 'date')),
    field('Until', input('until', 'date')),
    field('Where', place),
    html('button', { class: 'p-button', type: 'submit' }, 'Show'),
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
