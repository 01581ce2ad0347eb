/** The overlay's frame: a panel with tabs that stands above the page and can be moved. */

import { OVERLAY_KEPT } from '../overlay-key.ts';
import { button, element, type View } from './elements.ts';
import { movable, type Place } from './movable.ts';
import { STYLE } from './style.ts';

export interface Tab {
  readonly name: string;
  readonly view: View;
}

interface Kept {
  readonly tab: string;
  readonly place?: Place | undefined;
}

/** In a shadow root of its own, so that no app's style reaches it; in the browser's top layer, so that nothing hides it. */
export class Panel {
  readonly #host = element('div', { popover: 'manual', lang: 'en', dir: 'ltr' });
  readonly #root = this.#host.attachShadow({ mode: 'open' });
  readonly #tabs = new Map<string, HTMLButtonElement>();
  readonly #contents = element('div', { role: 'tabpanel', id: 'contents', tabIndex: 0 });
  #kept: Kept;
  #ended = new AbortController();
  #before: Element | null = null;

  constructor(
    readonly tabs: readonly Tab[],
    readonly onClose: () => void,
  ) {
    this.#kept = kept();
    this.#host.dataset.porticoOverlay = '';
  }

  /** Shows the panel until `close`. */
  open(signal: AbortSignal): void {
    this.#before = document.activeElement;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.append(this.#frame(signal));
    document.body.append(this.#host);
    this.#host.showPopover();
    this.#show(this.#tabs.has(this.#kept.tab) ? this.#kept.tab : (this.tabs[0]?.name ?? ''));
  }

  focus(): void {
    this.#tabs.get(this.#kept.tab)?.focus();
  }

  /** Takes the panel away; the focus goes back to where it was, if it was inside. */
  close(): void {
    const inside = document.activeElement === this.#host;
    this.#ended.abort();
    this.#host.remove();
    sessionStorage.removeItem(OVERLAY_KEPT);
    if (inside && this.#before instanceof HTMLElement) this.#before.focus();
  }

  #frame(signal: AbortSignal): HTMLElement {
    const title = element('h2', { id: 'title' }, 'Developer overlay');
    const move = button('Move', () => {});
    move.ariaDescription = 'Arrow keys move the panel';
    const bar = element('div', { className: 'bar' }, title, move);
    bar.append(button('Close', this.onClose));
    const tabs = element('div', { role: 'tablist', ariaLabel: 'Developer overlay' }, ...this.tabs.map(this.#tab));
    tabs.addEventListener('keydown', (event) => this.#step(event));
    const frame = element('section', { role: 'dialog', ariaLabel: 'Developer overlay' }, bar, tabs, this.#contents);
    frame.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.onClose();
    });
    movable(this.#host, { bar, move, place: this.#kept.place, signal }, (place) => this.#keep({ place }));
    return frame;
  }

  readonly #tab = ({ name }: Tab): HTMLElement => {
    const tab = button(name, () => this.#show(name));
    tab.role = 'tab';
    tab.id = `tab-${name}`;
    tab.setAttribute('aria-controls', 'contents');
    this.#tabs.set(name, tab);
    return tab;
  };

  #show(name: string): void {
    this.#ended.abort();
    this.#ended = new AbortController();
    for (const [one, tab] of this.#tabs) {
      tab.ariaSelected = String(one === name);
      tab.tabIndex = one === name ? 0 : -1;
    }
    const view = this.tabs.find((tab) => tab.name === name)?.view;
    this.#contents.setAttribute('aria-labelledby', `tab-${name}`);
    this.#contents.replaceChildren(...(view?.(this.#ended.signal) ?? []));
    this.#contents.scrollTop = 0;
    this.#keep({ tab: name });
  }

  /** Left, right, Home and End go through the tabs (WAI-ARIA Authoring Practices, "Tabs"). */
  #step(event: KeyboardEvent): void {
    const names = [...this.#tabs.keys()];
    const now = names.indexOf(this.#kept.tab);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: -1 }[event.key];
    const name = to === undefined ? undefined : names.at(to % names.length);
    if (name === undefined) return;
    event.preventDefault();
    this.#show(name);
    this.focus();
  }

  #keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    try {
      sessionStorage.setItem(OVERLAY_KEPT, JSON.stringify(this.#kept));
    } catch {
      // storage is full or forbidden: the next page has no overlay until it is asked for
    }
  }
}

function kept(): Kept {
  try {
    return { tab: 'Apps', ...JSON.parse(sessionStorage.getItem(OVERLAY_KEPT) ?? '{}') };
  } catch {
    return { tab: 'Apps' };
  }
}
