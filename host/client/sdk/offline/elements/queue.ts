/** `<portico-queue>`: what waits to be sent, each with its state in words and what its person can do about it. */

import { type Listed, LocalError } from '@portico/local';
import { user } from '@portico/sdk';
import { outbox, status } from '../facade.ts';
import { page } from '../page.ts';
import { QUEUE } from '../wording.ts';
import { button, focusable, h, LiveElement } from './base.ts';
import { saveCopy } from './download.ts';
import { QueueItem } from './queue-item.ts';

/** More rows than a person reads at once, and no more than a page draws anew many times a second. */
const FIRST = 50;

export class QueueElement extends LiveElement {
  readonly #items = new Map<string, QueueItem>();
  readonly #told = h('p', { role: 'status', class: 'p-told' });
  readonly #list = h('ul', { role: 'list', class: 'p-rows', 'aria-label': QUEUE.label });
  readonly #more = button('more', '', () => this.#showAll());
  #entries: readonly Listed[] = [];
  #limit = FIRST;
  readonly #empty = h('p', { class: 'p-empty', tabindex: '-1' });
  readonly #tools = h(
    'div',
    { class: 'p-row__acts' },
    button('send', QUEUE.sendAll, () => outbox.sendNow(), 'main'),
    button('export', QUEUE.export, async () => saveCopy(await outbox.export())),
  );

  protected watch(signal: AbortSignal): void {
    outbox.subscribe((entries) => this.#show(entries), { signal });
    status.subscribe(() => this.#say(), { signal });
  }

  /** Items keep their nodes, so that an open form and the focus stay when another one changes. */
  #show(all: readonly Listed[]): void {
    this.#entries = all;
    const entries = all.filter((entry, index) => this.#isShown(entry, index));
    const place = [...this.#list.children].findIndex((child) => child.contains(document.activeElement));
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, { element }] of this.#items) {
      if (keys.has(key)) continue;
      element.remove();
      this.#items.delete(key);
    }
    entries.forEach((entry, index) => {
      const item = this.#item(entry.key);
      const there = this.#list.children[index];
      if (there !== item.element) this.#list.insertBefore(item.element, there ?? null);
      item.show(entry);
    });
    this.#more.hidden = entries.length === all.length;
    this.#more.textContent = QUEUE.more(all.length - entries.length);
    this.#say();
    // Only now is it known what waits: before, every sentence here could be wrong.
    if (!this.#told.isConnected) this.append(this.#told, this.#tools, this.#list, this.#more, this.#empty);
    if (place >= 0 && !this.contains(document.activeElement)) this.#focusNear(place);
  }

  /** The first ones; what a person has to decide; and what was shown before, for somebody may be busy with it. */
  #isShown({ key, state }: Listed, index: number): boolean {
    return index < this.#limit || state === 'failed' || state === 'conflict' || this.#items.has(key);
  }

  #showAll(): void {
    const first = this.#list.children.length;
    this.#limit = Number.POSITIVE_INFINITY;
    this.#show(this.#entries);
    this.#focusNear(first);
  }

  #item(key: string): QueueItem {
    const item = this.#items.get(key) ?? new QueueItem((work) => this.#run(work));
    this.#items.set(key, item);
    return item;
  }

  #focusNear(place: number): void {
    const rows = [...this.#list.children] as HTMLElement[];
    focusable(rows[place] ?? rows.at(-1) ?? this.#empty).focus();
  }

  #say(): void {
    const none = this.#items.size === 0;
    this.#tools.hidden = none;
    this.#list.hidden = none;
    this.#empty.hidden = !none;
    // After a sign-out, here or in another tab, the page still has its person, and the browser would keep things for them.
    const unkept = user() && !page().closed ? QUEUE.unkept : QUEUE.inactive;
    this.#empty.textContent = status.get().keeps ? QUEUE.empty : unkept;
  }

  /** Does what a person asked for, and says so when it was too late for that. */
  async #run(work: () => Promise<string | undefined>): Promise<void> {
    this.#told.textContent = '';
    try {
      this.#told.textContent = (await work()) ?? '';
    } catch (error) {
      if (!(error instanceof LocalError)) throw error;
      this.#told.textContent = error.code === 'unknown-key' ? QUEUE.late : error.message;
    }
  }
}
