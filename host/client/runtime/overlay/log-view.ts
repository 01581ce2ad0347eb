/** What happens on the page, as it happens. */

import { element, milliseconds, short } from './elements.ts';
import { type Line, MOST_LINES, type Recorder } from './recorder.ts';

/** The newest stands first. `waiting` is the JSON of the messages that nobody has taken. */
export function logView(recorder: Recorder, waiting: () => string | null, signal: AbortSignal): readonly Node[] {
  const list = element('ol', { className: 'lines', tabIndex: 0, ariaLabel: 'What happened, newest first' });
  const filter = element('input', { type: 'search', placeholder: 'Filter', ariaLabel: 'Show only lines with' });
  const untaken = element('p', { className: 'note' });
  const apply = (item: Element): void => {
    const hit = item.textContent.toLowerCase().includes(filter.value.trim().toLowerCase());
    item.toggleAttribute('hidden', !hit);
  };
  const add = (line: Line): void => {
    const item = lineItem(line);
    apply(item);
    list.prepend(item);
    if (list.children.length > MOST_LINES) list.lastElementChild?.remove();
    untaken.textContent = untakenText(waiting());
  };
  list.append(...recorder.lines.map(lineItem).reverse());
  recorder.subscribe(add, signal);
  filter.addEventListener('input', () => void [...list.children].forEach(apply));
  untaken.textContent = untakenText(waiting());
  const empty = element('p', { className: 'note empty' }, 'Nothing has happened since the overlay was opened.');
  return [filter, untaken, list, empty];
}

/** A line, with the rest of it where there is any. */
export function lineItem({ at, kind, text, detail }: Line): HTMLElement {
  const head = [element('time', {}, milliseconds(at)), ' ', element('b', {}, kind), ` ${text}`];
  const item = detail
    ? element(
        'li',
        {},
        element('details', {}, element('summary', {}, ...head), element('pre', { tabIndex: 0 }, detail)),
      )
    : element('li', {}, ...head);
  item.dataset.kind = kind;
  return item;
}

function untakenText(json: string | null): string {
  const names = namesOf(json);
  return names.length ? `Messages that nobody has taken yet: ${short(names).slice(1, -1)}` : 'No message waits.';
}

function namesOf(json: string | null): readonly string[] {
  try {
    return (JSON.parse(json ?? '[]') as readonly { name: string }[]).map(({ name }) => name);
  } catch {
    return [];
  }
}
