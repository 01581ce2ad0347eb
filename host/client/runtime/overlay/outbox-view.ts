/** What waits on this device to be sent, and how the page is connected. */

import { button, element } from './elements.ts';
import { failed } from './flags-view.ts';

/** Follows the outbox and the page's status. */
export function outboxView(signal: AbortSignal): readonly Node[] {
  const connection = element('p', { role: 'status' });
  const list = element('ol', { className: 'rows' });
  const send = button('Send now', () => {});
  import('@portico/sdk/offline').then(({ outbox, status }) => {
    send.addEventListener('click', () => void outbox.sendNow().catch(failed(connection)));
    status.subscribe(
      ({ online, live, pending, attention, staleSince }) => {
        connection.textContent = [
          online ? 'Online' : 'Offline',
          `live updates: ${live}`,
          `${pending} waiting`,
          `${attention} need attention`,
          staleSince && `data from ${staleSince.toLocaleTimeString()}`,
        ]
          .filter(Boolean)
          .join(' · ');
      },
      { signal },
    );
    outbox.subscribe((entries) => list.replaceChildren(...entries.map(entryItem)), { signal });
  }, failed(connection));
  return [connection, list, element('p', { className: 'note empty' }, 'Nothing waits to be sent.'), send];
}

interface Shown {
  readonly state: string;
  readonly describe: string;
  readonly method: string;
  readonly url: string;
  readonly attempts: number;
  readonly body: string | null;
}

function entryItem({ state, describe, method, url, attempts, body }: Shown): HTMLElement {
  const badge = element('span', { className: 'badge' }, state);
  badge.dataset.state = state;
  const title = element('h3', {}, describe || 'A command', ' ', badge);
  const request = element('code', {}, `${method} ${url}`);
  const tried = element('p', { className: 'note' }, request, `, tried ${attempts} times`);
  if (body === null) return element('li', {}, title, tried);
  const more = element('details', {}, element('summary', {}, 'Body'), element('pre', { tabIndex: 0 }, body));
  return element('li', {}, title, tried, more);
}
