/** The style sheets of the app's builds, confined as the runtime confines those of a release, and replaced in place. */

import type { Registration } from '@portico/sdk';
import { confined } from '../runtime/styles.ts';
import type { SheetPort } from './hot-app.ts';

export class Sheets implements SheetPort {
  /** The same objects from one build to the next: who has adopted one sees what it becomes. */
  readonly #sheets: CSSStyleSheet[] = [];
  readonly #places = new Set<Document | ShadowRoot>();

  constructor(
    readonly app: Registration,
    readonly base: string,
  ) {}

  async use(urls: readonly string[]): Promise<void> {
    const texts = await Promise.all(urls.map(text));
    while (this.#sheets.length < texts.length) this.#add();
    for (const [index, sheet] of this.#sheets.entries()) {
      const [found, url] = [texts[index], urls[index]];
      sheet.replaceSync(found === undefined || url === undefined ? '' : confined(found, url, this.app));
      // As with a release: nothing gets out by a brace too many, or by two.
      for (const group of [sheet, sheet.cssRules[0] as CSSGroupingRule | undefined])
        while (group && group.cssRules.length > 1) group.deleteRule(1);
    }
  }

  adoptAt(element: HTMLElement): void {
    const place = element.getRootNode() as Document | ShadowRoot;
    if (this.#places.has(place)) return;
    this.#places.add(place);
    place.adoptedStyleSheets.push(...this.#sheets);
  }

  #add(): void {
    const sheet = new CSSStyleSheet();
    this.#sheets.push(sheet);
    for (const place of this.#places) place.adoptedStyleSheets.push(sheet);
  }
}

async function text(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}
