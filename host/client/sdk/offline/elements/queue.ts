/** `<portico-queue>`: what waits to be sent, each with its state in words and what its person can do about it. */

import type { Listed } from '@portico/local';
import { user } from '@portico/sdk';
import { outbox, status } from '../facade.ts';
import { QUEUE } from '../wording.ts';
import { button, focusable, h, LiveElement } from './base.ts';
import { saveCopy } from './download.ts';
import { QueueItem } from './queue-item.ts';

export class QueueElement extends LiveElement {
  readonly #items = new Map<string, QueueItem>();
  readonly #told = h('p', { role: 'status', class: 'p-visually-hidden' });
  readonly #list = h('ul', { role: 'list', class: 'p-rows', 'aria-label': QUEUE.label });
  readonly #empty = h('p', { class: 'p-empty', tabindex: '-1' });
  readonly #tools = h(
    'div',
    { class: 'p-row__acts' },
    button('send', QUEUE.sendAll, () => outbox.sendNow(), 'main'),
    button('export', QUEUE.export, async () => saveCopy(await outbox.export())),
  );

  protected watch(signal: AbortSignal): void {
    this.replaceChildren(this.#tools, this.#list, this.#empty, this.#told);
    outbox.subscribe((entries) => this.#show(entries), { signal });
    status.subscribe(() => this.#say(), { signal });
  }

  #show(entries: readonly Listed[]): void {
    const gone = new Set(this.#items.keys());
    for (const entry of entries) {
      gone.delete(entry.key);
      this.#place(entry);
    }
    for (const key of gone) this.#remove(key);
    this.#say();
  }

  /** The items keep their nodes, so that an edit in progress and the focus stay when another one changes. */
  #place(entry: Listed): void {
    const item = this.#items.get(entry.key) ?? new QueueItem((text) => this.#announce(text));
    if (!this.#items.has(entry.key)) this.#list.append(item.element);
    this.#items.set(entry.key, item);
    item.show(entry);
  }

  #remove(key: string): void {
    const element = this.#items.get(key)?.element;
    this.#items.delete(key);
    if (!element) return;
    const focused = element.contains(document.activeElement);
    const next = (element.nextElementSibling ?? element.previousElementSibling) as HTMLElement | null;
    element.remove();
    if (focused && !next) this.#say();
    if (focused) focusable(next ?? this.#empty).focus();
  }

  #say(): void {
    const none = this.#items.size === 0;
    this.#tools.hidden = none;
    this.#list.hidden = none;
    this.#empty.hidden = !none;
    this.#empty.textContent = status.get().keeps ? QUEUE.empty : user() ? QUEUE.unkept : QUEUE.inactive;
  }

  #announce(text: string): void {
    this.#told.textContent = text;
  }
}
