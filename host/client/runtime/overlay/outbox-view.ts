/** What waits on this device to be sent, and how the page is connected. */

import type { Status } from '@portico/sdk/offline';
import { button, element } from './elements.ts';
import { failed } from './flags-view.ts';

/** Follows the outbox and the page's status. */
export function outboxView(signal: AbortSignal): readonly Node[] {
  const connection = element('p', { role: 'status' });
  const list = element('ol', { className: 'rows' });
  const send = button('Send now', () => {});
  // Before it was read nobody knows whether anything waits.
  const empty = element('p', { className: 'note empty', hidden: true }, 'Nothing waits to be sent.');
  import('@portico/sdk/offline').then(({ outbox, status }) => {
    send.addEventListener('click', () => void outbox.sendNow().catch(failed(connection)));
    const say = ({ online, live, pending, attention, staleSince }: Status): void => {
      connection.textContent = [
        online ? 'Online' : 'Offline',
        `live updates: ${live}`,
        !empty.hidden && `${pending} waiting`,
        !empty.hidden && `${attention} need attention`,
        staleSince && `data from ${staleSince.toLocaleTimeString()}`,
      ]
        .filter(Boolean)
        .join(' · ');
    };
    const show = (entries: readonly Shown[]): void => {
      list.replaceChildren(...entries.map(entryItem));
      empty.hidden = false;
      say(status.get());
    };
    status.subscribe(say, { signal });
    outbox.subscribe(show, { signal });
  }, failed(connection));
  return [connection, list, empty, send];
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
