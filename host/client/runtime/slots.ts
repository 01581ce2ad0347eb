/** The element `<portico-slot name="...">`: in the shell, and wherever an app puts one inside itself. */

/** What hears of slots. */
export interface SlotsDelegate {
  opened(element: HTMLElement): void;
  closed(element: HTMLElement): void;
}

/** Defines the element: tells of every slot that is in the page, in document order, then of those that come and go. */
export function startSlots(delegate: SlotsDelegate): void {
  customElements.define(
    'portico-slot',
    class extends HTMLElement {
      connectedCallback(): void {
        delegate.opened(this);
      }

      disconnectedCallback(): void {
        delegate.closed(this);
      }
    },
  );
}

/** Whether an element is inside another, shadow roots in between or not. */
export function isWithin(root: Node, element: Node): boolean {
  let node: Node | null = element;
  while (node && node !== root) node = node.parentNode ?? (node as ShadowRoot).host ?? null;
  return node === root;
}
