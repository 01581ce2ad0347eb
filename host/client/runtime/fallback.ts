/** What stands in a slot whose app failed. */

import { TimeLimitError } from './hooks.ts';

/**
 * The element that stands in an app's place.
 *
 * @param title what could not be opened, as people know it; without it, "This part of the page"
 * @param view whether it stands for the whole view: its heading is the page's
 * @param failures how often in a row; after the second, a fresh page is offered as well
 */
export function fallback(
  title: string | null | undefined,
  error: unknown,
  view: boolean,
  failures: number,
  onRetry: () => void,
): HTMLElement {
  const section = document.createElement('section');
  section.className = 'p-fallback';
  section.role = 'alert';
  const late = error instanceof TimeLimitError;
  const reason = late ? 'It took too long to answer.' : 'Something went wrong while it was being opened.';
  section.append(
    textElement(view ? 'h1' : 'p', `${title || 'This part of the page'} could not be opened`),
    textElement('p', `${reason} The rest of the page still works.`),
    button('Try again', 'p-button', onRetry),
  );
  if (failures > 1) section.append(button('Reload the page', 'p-button p-button--quiet', () => location.reload()));
  return section;
}

function button(label: string, className: string, onPress: () => void): HTMLButtonElement {
  const element = textElement('button', label);
  element.className = className;
  element.addEventListener('click', () => {
    if (element.ariaBusy) return; // pressed before, and still at it
    element.ariaBusy = 'true';
    element.textContent += ' …';
    onPress();
  });
  return element;
}

/** A new element that holds text. */
export function textElement<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text: string,
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
