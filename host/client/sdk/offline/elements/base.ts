/** What the platform's elements share: listening while in the page, and building nodes without `innerHTML`. */

// Tests of an app's logic import the sdk where there is no document.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

/** An element that does something while it is in the page. */
export abstract class LiveElement extends Base {
  #gone: AbortController | undefined;

  connectedCallback(): void {
    this.#gone = new AbortController();
    this.watch(this.#gone.signal);
  }

  disconnectedCallback(): void {
    this.#gone?.abort();
  }

  /** Starts; all of it ends when `signal` aborts. */
  protected abstract watch(signal: AbortSignal): void;
}

type Attributes = Readonly<Record<string, string | boolean | undefined | ((event: Event) => unknown)>>;

/** A new element: text attributes, `true` for one without a value, functions for `onclick` and the like. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string | null | undefined | false)[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), run(value));
    else if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** What a service wrote, in whatever language: it runs its own way, so that its full stop stands at its end. */
export function words(text: string): HTMLElement {
  return h('bdi', {}, text);
}

/** A button; `name` tells it apart when its place is drawn anew and the focus has to come back to it. */
export function button(name: string, label: string, press: () => unknown, look = 'quiet'): HTMLButtonElement {
  const looks = look === 'main' ? 'p-button p-button--small' : `p-button p-button--small p-button--${look}`;
  return h('button', { type: 'button', class: looks, 'data-act': name, onclick: press }, label);
}

/** Draws anew what is inside `element`, and keeps the focus on the button or field of the same name. */
export function redraw(element: HTMLElement, ...children: readonly (Node | string)[]): void {
  const focused = element.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  element.replaceChildren(...children);
  if (!focused) return;
  const { act } = focused.dataset;
  const again = act && element.querySelector<HTMLElement>(`[data-act="${CSS.escape(act)}"]`);
  (again || focusable(element)).focus();
}

/** The element itself, made fit to hold the focus when what had it is gone. */
export function focusable(element: HTMLElement): HTMLElement {
  if (!element.hasAttribute('tabindex')) element.tabIndex = -1;
  return element;
}

/** A listener whose rejection is reported and not lost. */
function run(listener: (event: Event) => unknown): (event: Event) => void {
  return (event) => {
    try {
      Promise.resolve(listener(event)).catch(reportError);
    } catch (error) {
      reportError(error);
    }
  };
}
