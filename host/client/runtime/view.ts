/** What a person notices of a new view: where the focus is, and what a screen reader says. */

let region: HTMLElement | undefined;

/** What says things politely; there is one per page, from the start, because only changes are read out. */
function politely(): HTMLElement {
  region ??= Object.assign(document.createElement('div'), {
    className: 'p-visually-hidden',
    role: 'status',
    ariaLive: 'polite',
  });
  return region;
}

/** Puts the region into the page; returns the function that takes it out. */
export function startAnnouncing(): () => void {
  document.body.append(politely());
  return () => politely().remove();
}

/** Says `text`, also when it was the last thing said. */
export function announce(text: string): void {
  politely().textContent = '';
  requestAnimationFrame(() => {
    politely().textContent = text;
  });
}

/** Moves the focus to a view's heading, or to the region around it; unless the view took it itself since `before`. */
export function focusView(slot: HTMLElement, before: Element | null): void {
  const focused = document.activeElement;
  if (focused !== before && slot.contains(focused)) return;
  const inside = slot.firstElementChild?.shadowRoot ?? slot;
  const target = inside.querySelector<HTMLElement>('h1') ?? slot.closest<HTMLElement>('main') ?? slot;
  if (!target.hasAttribute('tabindex')) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}
