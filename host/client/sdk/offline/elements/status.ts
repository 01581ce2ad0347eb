/** `<portico-status>`: one line that says how things stand; empty when all is well. */

import { signInUrl } from '@portico/sdk';
import { status } from '../facade.ts';
import { activityUrl } from '../places.ts';
import type { Status } from '../status.ts';
import { LINE, type Line, lineOf } from '../wording.ts';
import { applyUpdate } from '../worker.ts';
import { button, h, LiveElement, redraw } from './base.ts';

/** A command that is confirmed sooner than this is not worth a word. */
const QUICK_MS = 800;
const SENT_MS = 5_000;

export class StatusElement extends LiveElement {
  #shown: Line | null = null;
  /** How many were confirmed when its person learnt that something waits; `null` when they know of nothing. */
  #sentBefore: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  protected watch(signal: AbortSignal): void {
    if (!this.hasAttribute('role')) this.role = 'status';
    status.subscribe((now) => this.#look(now), { signal });
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
  }

  #look(now: Status): void {
    clearTimeout(this.#timer);
    // Found when the page was opened: its person has waited for this.
    if (now.pending > 0 && !now.keeps) this.#sentBefore ??= now.sent;
    const allSent = now.pending === 0 && this.#sentBefore !== null && now.sent > this.#sentBefore;
    const line = lineOf(now, allSent);
    if (line?.kind === 'pending' && this.#shown?.kind !== 'pending' && this.#shown?.kind !== 'offline') {
      this.#timer = setTimeout(() => this.#show(line, now), QUICK_MS);
    } else {
      this.#show(line, now);
      if (line?.kind === 'sent') this.#timer = setTimeout(() => this.#forget(), SENT_MS);
    }
  }

  #forget(): void {
    this.#sentBefore = null;
    this.#look(status.get());
  }

  #show(line: Line | null, now: Status): void {
    if (now.pending > 0 && line) this.#sentBefore ??= now.sent;
    if (line?.text === this.#shown?.text && line?.action === this.#shown?.action) return;
    this.#shown = line;
    this.dataset.kind = line?.kind ?? '';
    redraw(this, ...(line ? [h('div', { class: 'p-status' }, h('span', {}, line.text), action(line))] : []));
  }
}

function action({ action }: Line): HTMLElement | null {
  const show = activityUrl();
  if (action === 'sign-in') return h('a', { href: signInUrl(), 'data-act': 'go' }, LINE.signIn);
  if (action === 'show') return show ? h('a', { href: show, 'data-act': 'go' }, LINE.show) : null;
  return action === 'reload' ? button('go', LINE.reload, applyUpdate) : null;
}
