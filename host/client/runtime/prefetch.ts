/** Fetching what a person is likely to open next: modules into the module map, without running them. */

import type { Registration } from '@portico/sdk';
import type { LaterPage } from './later.ts';
import { nonce, pageMap } from './maps.ts';

/** What browsers tell of the network (Network Information API, Save-Data); not all do. */
interface Network {
  readonly saveData?: boolean;
  readonly effectiveType?: string;
}

/** How many apps are fetched without a person pointing at them. */
const IDLE_LIMIT = 4;

export class Prefetch {
  readonly #done = new Set<string>();

  constructor(
    readonly page: Pick<LaterPage, 'match' | 'missed'>,
    readonly network: () => Network = () => (navigator as { connection?: Network }).connection ?? {},
  ) {}

  /** Fetches what links on the page lead to, and an app as soon as a person points at a link or reaches it by keyboard. */
  start(signal: AbortSignal): void {
    const point = (event: Event): void => this.#follow((event.target as Element).closest?.('a[href]'));
    document.addEventListener('pointerover', point, { signal, passive: true });
    document.addEventListener('focusin', point, { signal });
    this.look();
  }

  /** Fetches the apps that the links of the page lead to, the first ones first. */
  look(): void {
    if (!this.#mayFetch()) return;
    const links = [...document.querySelectorAll<HTMLAnchorElement>('a[href]')];
    const apps = new Set(links.flatMap((link) => this.#appOf(link) ?? []).filter(({ name }) => !this.#done.has(name)));
    for (const app of [...apps].slice(0, IDLE_LIMIT)) this.fetch(app);
  }

  /** Fetches one app: the entry, what it imports statically, and its style sheets. */
  fetch(app: Registration): void {
    if (this.#done.has(app.name) || !this.#mayFetch()) return;
    this.#done.add(app.name);
    const { integrity = {} } = pageMap();
    for (const href of [app.entry, ...(app.modules ?? [])])
      preload(href, integrity[href] ?? '', () => this.page.missed(app));
    for (const { href } of app.styles) fetch(href, { priority: 'low' }).catch(() => {});
  }

  #follow(link: Element | null | undefined): void {
    const app = link instanceof HTMLAnchorElement && this.#appOf(link);
    if (app) this.fetch(app);
  }

  #appOf({ href, origin, pathname }: HTMLAnchorElement): Registration | undefined {
    return href && origin === location.origin ? this.page.match(pathname)?.registration : undefined;
  }

  /** Not where a person pays for data or waits for what they have asked for. */
  #mayFetch(): boolean {
    const { saveData, effectiveType = '4g' } = this.network();
    return !saveData && effectiveType === '4g';
  }
}

function preload(href: string, integrity: string, failed: () => void): void {
  const link = Object.assign(document.createElement('link'), { rel: 'modulepreload', href, integrity, nonce: nonce() });
  link.onload = () => link.remove();
  link.onerror = () => {
    link.remove();
    failed();
  };
  document.head.append(link);
}
