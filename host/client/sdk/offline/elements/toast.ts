/** `<portico-toast>`: new messages in the page that is in front; they take no focus, wait while looked at, and then go. */

import { type Frame, noticeOf } from '@portico/local';
import { inbox, live } from '../facade.ts';
import { TOAST } from '../wording.ts';
import { button, h, LiveElement, words } from './base.ts';

const SHOWN_MS = 12_000;
const MOST = 3;
/** How much the server's clock may be behind this one. */
const SKEW_MS = 300_000;

export class ToastElement extends LiveElement {
  protected watch(signal: AbortSignal): void {
    this.role = 'log'; // a live region that is polite, and no landmark
    this.ariaLabel = TOAST.label;
    const opened = Date.now();
    live.on(
      'notice',
      (frame) => {
        // What came before this page was opened is in the inbox; a page in the back leaves it to the one in front.
        if (frame.ts >= opened - SKEW_MS && document.visibilityState === 'visible') this.#show(frame);
      },
      { signal },
    );
  }

  #show(frame: Frame): void {
    const { id, title, body, href } = noticeOf(frame);
    const toast = h('div', { class: 'p-toast' });
    const close = (): void => toast.remove();
    const seen = (): Promise<void> => {
      close();
      return inbox.markRead(id);
    };
    const dismiss = button('dismiss', '×', seen, 'bare');
    dismiss.ariaLabel = `${TOAST.dismiss}: ${title}`;
    const heading = href ? h('a', { href, onclick: seen }, words(title)) : words(title);
    toast.append(h('div', {}, h('p', { class: 'p-toast__title' }, heading), body && h('p', {}, words(body))), dismiss);
    leaveAlone(toast, close);
    this.append(toast);
    while (this.childElementCount > MOST) this.firstElementChild?.remove();
  }
}

/** Calls `close` when nobody has pointed at the element or been inside it for a while. */
function leaveAlone(element: HTMLElement, close: () => void): void {
  let timer = setTimeout(close, SHOWN_MS);
  for (const type of ['pointerenter', 'focusin']) element.addEventListener(type, () => clearTimeout(timer));
  for (const type of ['pointerleave', 'focusout'])
    element.addEventListener(type, () => {
      clearTimeout(timer);
      timer = setTimeout(close, SHOWN_MS);
    });
}
