/** One entry of the queue: what it is, its state, and the buttons that fit it. */

import type { Listed } from '@portico/local';
import { outbox } from '../facade.ts';
import { fieldsOf } from '../fields.ts';
import { inWords, QUEUE, STATE, stateOf } from '../wording.ts';
import { button, h, redraw } from './base.ts';
import { conflictForm } from './conflict-form.ts';
import { bodyOf, editForm } from './edit-form.ts';

/** Runs what a person asked for, and shows the sentence that comes of it. */
export type Run = (work: () => Promise<string | undefined>) => Promise<void>;

export class QueueItem {
  readonly element = h('li', { class: 'p-row' });
  readonly #about = h('div', { class: 'p-row__about' });
  readonly #acts = h('div');
  /** What the buttons were drawn for; `null` while a form or a question is in their place. */
  #drawn: string | null = '';
  /** The entry as it was shown last, and in words: in a long queue nearly all are as they were. */
  #entry: Listed | undefined;
  #shown = '';

  constructor(readonly run: Run) {
    this.element.append(this.#about, this.#acts);
  }

  /** Shows the entry as it is now. A form that is open stays open, also while the entry is being sent. */
  show(entry: Listed): void {
    const shown = JSON.stringify([entry, stateOf(entry)]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#entry = entry;
    this.element.dataset.state = entry.state;
    this.#about.replaceChildren(...about(entry));
    const { state, lastProblem, body, readable } = entry;
    const drawn = state === 'conflict' || state === 'failed' ? JSON.stringify([state, lastProblem, body]) : '';
    const fits = `${state === 'discarding'}${state === 'paused'}${readable}${drawn}`;
    if (this.#drawn === fits || (this.#drawn === null && state !== 'conflict')) return;
    this.#draw(entry, fits);
  }

  #draw(entry: Listed, fits: string): void {
    this.#drawn = fits;
    const choice =
      entry.state === 'conflict' &&
      conflictForm(entry, (choice) => this.run(async () => void (await outbox.resolve(entry.key, choice))));
    redraw(this.#acts, ...(choice ? [choice] : []), h('div', { class: 'p-row__acts' }, ...this.#buttons(entry)));
  }

  #buttons(entry: Listed): HTMLElement[] {
    const { key, state, readable, describe } = entry;
    if (state === 'discarding' || state === 'conflict') return []; // a conflict has its own buttons
    const acts: HTMLElement[] = [];
    const add = (act: string, label: string, press: () => unknown, look?: string): void => {
      // Buttons of the same word in one list are told apart by what they are about.
      const made = button(act, label, press, look);
      made.ariaLabel = `${label}: ${describe}`;
      acts.push(made);
    };
    if (readable && state !== 'paused')
      add('retry', state === 'failed' ? QUEUE.tryAgain : QUEUE.retry, () =>
        this.run(async () => void (await outbox.retry(key))),
      );
    if (readable && fieldsOf(bodyOf(entry)).length) add('edit', QUEUE.edit, () => this.#edit(entry));
    add('discard', QUEUE.discard, () => this.#ask(entry), 'danger');
    return acts;
  }

  #edit(entry: Listed): void {
    const save = (body: unknown): Promise<void> => this.run(async () => void (await outbox.edit(entry.key, body)));
    const form = editForm(entry, { save, cancel: () => this.#back(entry, 'edit') });
    this.#drawn = null;
    this.#acts.replaceChildren(form);
    form.querySelector('input')?.focus();
  }

  #ask(entry: Listed): void {
    const text = QUEUE.confirmDiscard(entry.describe);
    const yes = button('yes', QUEUE.discard, () => this.run(() => discard(entry)), 'danger');
    const no = button('keep', QUEUE.keep, () => this.#back(entry, 'discard'));
    this.#drawn = null;
    this.#acts.replaceChildren(
      h('div', { class: 'p-row__acts', role: 'group', 'aria-label': text }, h('p', {}, text), yes, no),
    );
    no.focus();
  }

  /** Closes a form or a question, with the focus on the button that had opened it. */
  #back(entry: Listed, act: string): void {
    this.#draw(this.#entry ?? entry, '');
    this.#shown = '';
    this.#acts.querySelector<HTMLElement>(`[data-act="${act}"]`)?.focus();
  }
}

/** Takes it back; answers what to say when that was too late. */
async function discard({ key }: Listed): Promise<string | undefined> {
  await outbox.discard(key);
  const end = await outbox.settled(key).catch(() => null);
  return end?.state === 'accepted' ? QUEUE.applied : undefined;
}

function about(entry: Listed): HTMLElement[] {
  const saved = new Date(entry.createdAt);
  return [
    h('p', { class: 'p-row__title' }, entry.describe || STATE.unreadable),
    h('p', { class: 'p-row__state' }, stateOf(entry)),
    ...problems(entry),
    h('p', { class: 'p-row__note' }, h('time', { datetime: saved.toISOString() }, QUEUE.savedAt(saved))),
  ];
}

function problems({ state, lastProblem }: Listed): HTMLElement[] {
  if (!lastProblem || state !== 'failed') return [];
  const { title, detail, errors = [] } = inWords(lastProblem);
  const list = errors.map((error) => h('li', {}, error.detail));
  return [h('div', { class: 'p-row__problem' }, h('p', {}, detail ?? title), list.length > 0 && h('ul', {}, ...list))];
}
