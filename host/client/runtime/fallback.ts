/** What stands in a slot whose app failed. */

import { TIME_LIMIT } from './hooks.ts';
import { focusView } from './view.ts';
import { notOpened, said } from './words.ts';

/** Where a fallback stands. */
export interface FallbackSlot {
  readonly element: HTMLElement;
  /** Whether it stands for the whole view: its heading is the page's. */
  readonly view: boolean;
  /** Tries again; resolves to whether a person still waits for what comes of it. */
  retry(): Promise<boolean>;
}

/**
 * The element that stands in an app's place.
 *
 * @param title what could not be opened, as people know it; without it, "This part of the page"
 * @param failures how often in a row; after the second, a fresh page is offered as well
 */
export function fallback(
  title: string | null | undefined,
  error: unknown,
  slot: FallbackSlot,
  failures: number,
): HTMLElement {
  const section = document.createElement('section');
  section.className = 'p-fallback';
  section.role = 'alert';
  const late = error instanceof Error && error.name === TIME_LIMIT;
  const reason = late ? said('It took too long to answer.') : said('Something went wrong while it was being opened.');
  section.append(
    textElement(slot.view ? 'h1' : 'p', notOpened(title)),
    textElement('p', `${reason} ${said('The rest of the page still works.')}`),
    button(said('Try again'), 'p-button', () => void tryAgain(slot)),
  );
  if (failures > 1)
    section.append(button(said('Reload the page'), 'p-button p-button--quiet', () => location.reload()));
  return section;
}

/** The pressed button goes with the fallback, and its focus to the body; a person who went elsewhere stays there. */
async function tryAgain(slot: FallbackSlot): Promise<void> {
  if (!(await slot.retry()) || document.activeElement !== document.body) return;
  const again = slot.element.querySelector<HTMLElement>('.p-fallback button');
  if (again) again.focus();
  else if (slot.view) focusView(slot.element, document.body);
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
