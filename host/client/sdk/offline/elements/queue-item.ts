/** One entry of the queue: what it is, its state, and the buttons that fit it. */

import type { Listed } from '@portico/local';
import { outbox } from '../facade.ts';
import { fieldsOf } from '../fields.ts';
import { QUEUE, STATE, stateOf } from '../wording.ts';
import { button, h, redraw } from './base.ts';
import { conflictForm } from './conflict-form.ts';
import { bodyOf, editForm } from './edit-form.ts';

export class QueueItem {
  readonly element = h('li', { class: 'p-row' });
  #shown = '';
  #entry: Listed | undefined;

  constructor(readonly announce: (text: string) => void) {}

  /** Shows the entry as it is now; the same again changes nothing, so that an open form stays open. */
  show(entry: Listed): void {
    const { state, nextAt, lastProblem, body } = entry;
    const shown = JSON.stringify([state, nextAt, lastProblem, body]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#entry = entry;
    this.#draw();
  }

  #draw(): void {
    const entry = this.#entry;
    if (!entry) return;
    this.element.dataset.state = entry.state;
    const saved = new Date(entry.createdAt);
    redraw(
      this.element,
      h('p', { class: 'p-row__title' }, entry.describe || STATE.unreadable),
      h('p', { class: 'p-row__state' }, stateOf(entry)),
      ...problems(entry),
      h('p', { class: 'p-row__note' }, h('time', { datetime: saved.toISOString() }, QUEUE.savedAt(saved))),
      entry.state === 'conflict' ? conflictForm(entry, (choice) => outbox.resolve(entry.key, choice)) : '',
      h('div', { class: 'p-row__acts' }, ...this.#acts(entry)),
    );
  }

  #acts(entry: Listed): HTMLElement[] {
    const { key, state, readable, describe } = entry;
    if (state === 'inflight' || state === 'discarding') return [];
    const acts: HTMLElement[] = [];
    if (readable && state !== 'paused' && state !== 'conflict')
      acts.push(
        named(
          button('retry', state === 'failed' ? QUEUE.tryAgain : QUEUE.retry, () => outbox.retry(key)),
          describe,
        ),
      );
    if (readable && state !== 'conflict' && fieldsOf(bodyOf(entry)).length)
      acts.push(
        named(
          button('edit', QUEUE.edit, () => this.#edit(entry)),
          describe,
        ),
      );
    acts.push(
      named(
        button('discard', QUEUE.discard, () => this.#ask(entry), 'danger'),
        describe,
      ),
    );
    return acts;
  }

  #edit(entry: Listed): void {
    const form = editForm(entry, {
      save: (body) => outbox.edit(entry.key, body),
      cancel: () => this.#back('edit'),
    });
    this.element.querySelector('.p-row__acts')?.replaceWith(form);
    form.querySelector('input')?.focus();
  }

  #ask({ key, describe }: Listed): void {
    const yes = button('discard', QUEUE.discard, () => this.#discard(key), 'danger');
    const no = button('keep', QUEUE.keep, () => this.#back('discard'));
    const question = h('div', { class: 'p-row__acts', role: 'group', 'aria-label': QUEUE.confirmDiscard(describe) });
    question.append(h('p', {}, QUEUE.confirmDiscard(describe)), yes, no);
    this.element.querySelector('.p-row__acts')?.replaceWith(question);
    no.focus();
  }

  async #discard(key: string): Promise<void> {
    await outbox.discard(key);
    const end = await outbox.settled(key).catch(() => null);
    if (end?.state === 'accepted') this.announce(QUEUE.applied);
  }

  /** Closes a form or a question, with the focus on the button that had opened it. */
  #back(act: string): void {
    this.#draw();
    this.element.querySelector<HTMLElement>(`[data-act="${act}"]`)?.focus();
  }
}

function problems({ state, lastProblem }: Listed): HTMLElement[] {
  if (!lastProblem || state !== 'failed') return [];
  const { title, detail, errors = [] } = lastProblem;
  const list = errors.map((error) => h('li', {}, error.detail));
  return [h('div', { class: 'p-row__problem' }, h('p', {}, detail ?? title), list.length > 0 && h('ul', {}, ...list))];
}

/** Buttons of the same word in one list are told apart by what they are about. */
function named(element: HTMLElement, describe: string): HTMLElement {
  element.append(h('span', { class: 'p-visually-hidden' }, `: ${describe}`));
  return element;
}
