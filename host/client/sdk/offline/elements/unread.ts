/** `<portico-unread>`: how many messages are unread; hidden when none is. With `href` it is a link. */

import { inbox } from '../facade.ts';
import { INBOX } from '../wording.ts';
import { h, LiveElement, redraw } from './base.ts';

const MOST = 99;

export class UnreadElement extends LiveElement {
  protected watch(signal: AbortSignal): void {
    inbox.subscribe((messages) => this.#show(messages.filter(({ read }) => !read).length), { signal });
  }

  #show(count: number): void {
    this.hidden = count === 0;
    const href = this.getAttribute('href');
    const parts = [
      h('span', { class: 'p-unread', 'aria-hidden': 'true' }, count > MOST ? `${MOST}+` : String(count)),
      h('span', { class: 'p-visually-hidden' }, INBOX.badge(count)),
    ];
    redraw(this, ...(count === 0 ? [] : href ? [h('a', { href, 'data-act': 'go' }, ...parts)] : parts));
  }
}
