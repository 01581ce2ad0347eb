/** A panel in the page that says what is wrong with the build, until it is mended or put away. */

import type { Fault } from './feed.ts';
import type { ErrorPort } from './hot-app.ts';

const STYLE = `
  section { position: fixed; inset: auto 1rem 1rem; max-block-size: 60vh; overflow: auto; z-index: 2147483647;
    padding: 1rem 1.25rem; border-radius: 0.75rem; border: 2px solid #ff8f66; background: #221820; color: #f7eee8;
    font: 1rem/1.5 system-ui, sans-serif; box-shadow: 0 8px 32px #0008; text-align: start; }
  h2 { margin: 0 3rem 0.5rem 0; font-size: 1.125rem; }
  p { margin: 0.5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
  code { display: block; color: #ffb499; font: 0.875rem/1.5 ui-monospace, monospace; }
  pre { margin: 0.25rem 0 0; inline-size: max-content; font: 0.875rem/1.5 ui-monospace, monospace; }
  button { position: absolute; inset: 0.75rem 0.75rem auto auto; font: inherit; color: inherit; cursor: pointer;
    background: none; border: 1px solid currentcolor; border-radius: 0.5rem; padding: 0.125rem 0.625rem; }
  button:focus-visible { outline: 3px solid #d9b3ff; outline-offset: 2px; }
`;

export class ErrorView implements ErrorPort {
  #host: HTMLElement | undefined;

  constructor(readonly app: string) {}

  show(title: string, faults: readonly Fault[]): void {
    this.clear();
    const host = document.createElement('div');
    host.dataset.porticoDev = this.app;
    const root = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    const panel = element('section', element('h2', title), ...faults.map(faultView));
    panel.role = 'alert';
    panel.tabIndex = 0; // it scrolls, so the keyboard must reach it
    panel.ariaLabel = title;
    const close = element('button', 'Close');
    close.onclick = () => this.clear();
    panel.append(close);
    root.append(panel);
    document.body.append(host);
    this.#host = host;
  }

  clear(): void {
    this.#host?.remove();
    this.#host = undefined;
  }

  standIn(root: HTMLElement): void {
    const isView = !document.querySelector('h1'); // a page has one heading of the first level
    root.append(element(isView ? 'h1' : 'p', `${this.app} has not been built yet.`));
  }
}

function faultView({ text, file, line, column, lineText }: Fault): HTMLElement {
  const parts: HTMLElement[] = [];
  if (file) parts.push(element('code', `${file}:${line}:${(column ?? 0) + 1}`));
  parts.push(element('span', text));
  if (lineText) parts.push(element('pre', `${lineText}\n${' '.repeat(column ?? 0)}^`));
  return element('p', ...parts);
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  ...children: (string | Node)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}
