/** The flags of the person in front of the page. */

import type { FlagDetails } from '@portico/sdk/flags';
import { button, element, short } from './elements.ts';

/** Every flag with its value and why it has it. */
export function flagsView(signal: AbortSignal): readonly Node[] {
  const place = element('div');
  const said = element('p', { className: 'note', role: 'status' }, 'Asking …');
  const ask = button('Ask again', () => {});
  import('@portico/sdk/flags').then(async ({ flags }) => {
    const show = (): void => {
      if (signal.aborted) return;
      const all = flags.all();
      said.textContent = all.length ? `${all.length} flags, as they are for you` : 'There are no flags.';
      place.replaceChildren(...(all.length ? [table(all)] : []));
    };
    flags.subscribe(show, { signal });
    ask.addEventListener('click', () => void flags.refresh().then(show));
    await flags.ready();
    show();
  }, failed(said));
  return [said, place, ask];
}

function table(flags: readonly FlagDetails[]): HTMLElement {
  const head = element('tr', {}, ...['Flag', 'Value', 'Variant', 'Why'].map((text) => element('th', {}, text)));
  const rows = flags.map(({ key, value, variant, reason }) =>
    element('tr', {}, ...[key, short(value), variant, reason].map((text) => element('td', {}, text))),
  );
  const made = element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
  return element('div', { className: 'scroll', tabIndex: 0, role: 'region', ariaLabel: 'Flags' }, made);
}

/** Says that a module could not be had. */
export function failed(place: HTMLElement): (error: Error) => void {
  return ({ message }) => {
    place.textContent = `Not available: ${message}`;
  };
}
