/** What a person notices of a new view: the document's title, where the focus is, and what a screen reader says. */

/** Announces politely; there is one per page, from the start, because only changes are read out. */
export class Announcer {
  readonly #region = document.createElement('div');

  constructor() {
    this.#region.className = 'p-visually-hidden';
    this.#region.role = 'status';
    this.#region.ariaLive = 'polite';
    document.body.append(this.#region);
  }

  /** Says `text`, also when it was the last thing said. */
  say(text: string): void {
    this.#region.textContent = '';
    requestAnimationFrame(() => {
      this.#region.textContent = text;
    });
  }

  /** Takes the region out of the page. */
  stop(): void {
    this.#region.remove();
  }
}

/** Moves the focus to a view's heading, or to the region around it; unless the view took it itself since `before`. */
export function focusView(slot: HTMLElement, before: Element | null): void {
  const focused = document.activeElement;
  if (focused !== before && slot.contains(focused)) return;
  const target = slot.querySelector<HTMLElement>('h1') ?? slot.closest<HTMLElement>('main') ?? slot;
  if (!target.hasAttribute('tabindex')) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}

/** The document's title for a view: `Things · Portico`. */
export function titleOf(title: string | null | undefined, heading: string | null | undefined): string {
  return [title, heading].filter(Boolean).join(' · ');
}
