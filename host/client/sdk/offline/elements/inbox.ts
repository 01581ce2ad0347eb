/** `<portico-inbox>`: the person's messages, newest first, read and unread. */

import type { Notice } from '@portico/local';
import { inbox } from '../facade.ts';
import { page } from '../page.ts';
import { INBOX, timeOf } from '../wording.ts';
import { button, h, LiveElement, redraw, words } from './base.ts';

export class InboxElement extends LiveElement {
  protected watch(signal: AbortSignal): void {
    inbox.subscribe((messages) => this.#show(messages), { signal });
  }

  #show(messages: readonly Notice[]): void {
    // Of who has signed out nothing is said any more: they may have had some.
    const empty = page().closed ? '' : h('p', { class: 'p-empty' }, INBOX.empty);
    const unread = messages.some(({ read }) => !read);
    const list = h('ul', { role: 'list', class: 'p-rows', 'aria-label': INBOX.label }, ...messages.map(item));
    const all = button('all', INBOX.markAll, () => inbox.markRead('all'));
    redraw(this, ...(unread ? [all] : []), messages.length ? list : empty);
  }
}

function item({ id, ts, read, title, body, href }: Notice): HTMLElement {
  const when = new Date(ts);
  const opened = (): unknown => (read ? undefined : inbox.markRead(id));
  const heading = href ? h('a', { href, 'data-act': `open ${id}`, onclick: opened }, words(title)) : words(title);
  return h(
    'li',
    { class: 'p-row', 'data-unread': !read },
    h('p', { class: 'p-row__title' }, heading, !read && h('span', { class: 'p-tag' }, INBOX.unread)),
    body && h('p', {}, words(body)),
    h('p', { class: 'p-row__note' }, h('time', { datetime: when.toISOString() }, timeOf(when))),
    !read &&
      h(
        'div',
        { class: 'p-row__acts' },
        button(`read ${id}`, INBOX.markRead, () => inbox.markRead(id)),
      ),
  );
}
