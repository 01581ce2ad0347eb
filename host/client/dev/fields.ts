/**
 * What a person has typed, and where the focus was, from one build to the next: whatever framework drew the fields.
 *
 * A field is known again by its id, or its name and value among those of one group. It is told of its value by the events
 * of typing, so that an app which keeps values in state of its own takes it.
 */

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const FIELDS = 'input, textarea, select';

/** Takes down the fields inside `root`; the function that it returns fills in those that are there then. */
export function rememberFields(root: HTMLElement): () => void {
  const values = new Map<string, string | boolean>();
  for (const field of fieldsOf(root)) {
    const key = keyOf(field);
    if (key && !isFile(field)) values.set(key, heldBy(field));
  }
  const focused = (root.getRootNode() as Document | ShadowRoot).activeElement;
  const focus = focused && root.contains(focused) ? keyOf(focused) : undefined;
  return () => {
    for (const field of fieldsOf(root)) {
      const value = values.get(keyOf(field) ?? '');
      if (value !== undefined && value !== heldBy(field)) fill(field, value);
    }
    const again = focus && [...root.querySelectorAll<HTMLElement>('[id], [name]')].find((one) => keyOf(one) === focus);
    if (again) again.focus({ preventScroll: true });
  };
}

function fieldsOf(root: HTMLElement): Iterable<Field> {
  return root.querySelectorAll<Field>(FIELDS);
}

function keyOf(element: Element): string | undefined {
  if (element.id) return `#${element.id}`;
  const name = element.getAttribute('name');
  return name ? `${element.tagName} ${name}${isChoice(element) ? ` ${element.value}` : ''}` : undefined;
}

function isChoice(element: Element): element is HTMLInputElement {
  return element instanceof HTMLInputElement && (element.type === 'checkbox' || element.type === 'radio');
}

function isFile(field: Field): boolean {
  return field.type === 'file'; // its value cannot be set
}

function heldBy(field: Field): string | boolean {
  return isChoice(field) ? field.checked : field.value;
}

function fill(field: Field, value: string | boolean): void {
  if (isChoice(field)) {
    if (field.type === 'checkbox' || value) field.click();
    return;
  }
  // The prototype's setter: React puts one of its own on each field, and would take the event for nothing new.
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value')?.set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
}
