/** Going on with a newer release without loading the page anew: from the next navigation into the app. */

import { type Boot, boot, type Registration } from '@portico/sdk';
import { textElement } from './fallback.ts';
import type { LaterPage } from './later.ts';
import { addMap, type ImportMap, pageMap } from './maps.ts';
import { said } from './words.ts';

/** The present channel for this person: what a page loaded now would carry. */
export interface Latest {
  readonly boot: Pick<Boot, 'revision' | 'apps'> & { readonly user: { readonly sub: string } | null };
  readonly importMap: ImportMap;
}

const ADDRESS = '/_portico/channel.json';
const SDK = '@portico/sdk';
/** Every open page hears of a change at the same moment; they ask spread over this time. */
const SPREAD_MS = 2000;

export class Upgrade {
  /** The latest that was heard of, and the latest that was taken. */
  #revision = boot().revision;
  #taken = this.#revision;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Names of the apps on screen that are older than what is live. */
  #behind: readonly string[] = [];
  #notice: HTMLElement | undefined;

  constructor(
    readonly page: Pick<LaterPage, 'shown' | 'renew'>,
    readonly ask: () => Promise<Latest> = askHost,
    readonly random: () => number = Math.random,
  ) {}

  /** The channel has this revision now. */
  hear(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    clearTimeout(this.#timer);
    const failed = (error: unknown): void => {
      console.warn(error);
      this.#revision = this.#taken; // what is told again is asked for again
    };
    this.#timer = setTimeout(() => this.#take().catch(failed), SPREAD_MS * this.random());
  }

  /** Takes the notice away when what it speaks of has left the screen. */
  look(): void {
    if (this.#behind.some((name) => this.page.shown(name))) return;
    this.#notice?.remove();
    this.#notice = undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#notice?.remove();
  }

  async #take(): Promise<void> {
    const { boot: now, importMap } = await this.ask();
    if (now.revision <= this.#taken) return; // an answer that a newer one has overtaken
    if (now.user?.sub !== boot().user?.sub) return; // another tab has signed somebody in or out: this page is not theirs
    this.#taken = now.revision;
    this.#revision = Math.max(this.#revision, now.revision);
    const before = boot().apps;
    const platform = importMap.imports?.[SDK] === pageMap().imports?.[SDK];
    const apps = now.apps.map((app) => same(before, app) ?? app);
    const changed = apps.filter((app) => !before.includes(app));
    this.#behind = changed.map(({ name }) => name);
    // Other platform code, or a framework that this page's policy does not know, only comes with another page.
    if (platform && changed.every((app) => isPermitted(app, before))) {
      addMap(additions(pageMap(), importMap));
      this.page.renew(apps);
    }
    if (this.#behind.some((name) => this.page.shown(name))) this.#offer();
  }

  #offer(): void {
    this.#notice?.remove();
    const reload = textElement('button', said('Reload'));
    reload.className = 'p-button p-button--small';
    reload.addEventListener('click', () => location.reload());
    const notice = textElement('div', `${said('There is a newer version of what you see. Reload when you like.')} `);
    notice.className = 'p-notice';
    notice.role = 'status';
    notice.append(reload);
    document.body.append(notice);
    this.#notice = notice;
  }
}

/** The registration among `known` that says the same. */
function same(known: readonly Registration[], app: Registration): Registration | undefined {
  const text = JSON.stringify(app);
  return known.find((one) => JSON.stringify(one) === text);
}

/** Whether the page's policy lets an app create its Trusted Types policies. */
function isPermitted({ trustedTypes = [] }: Registration, before: readonly Registration[]): boolean {
  return trustedTypes.every((name) => before.some((app) => app.trustedTypes?.includes(name)));
}

/**
 * What a page with the map `old` must be told so that modules that only `now` has import what they would under `now`.
 *
 * A page cannot change what a specifier means (HTML Standard, "merge existing and new import maps"); so each folder that it does not
 * know yet gets a scope with everything that `now` says. The platform's own modules stay the page's.
 */
export function additions(old: ImportMap, now: ImportMap): ImportMap {
  const known = new Set(Object.keys(old.integrity ?? {}));
  const fresh = Object.entries(now.integrity ?? {}).filter(([address]) => !known.has(address));
  const folders = new Set(fresh.map(([address]) => /^\/a\/[^/]+\/[^/]+\//.exec(address)?.[0] ?? address));
  const own = Object.entries(old.imports ?? {}).filter(([specifier]) => specifier.startsWith('@portico/'));
  const everywhere = { ...now.imports, ...Object.fromEntries(own) };
  const scopes = [...folders].map((folder) => [folder, { ...everywhere, ...now.scopes?.[folder] }] as const);
  return { integrity: Object.fromEntries(fresh), scopes: Object.fromEntries(scopes) };
}

async function askHost(): Promise<Latest> {
  const response = await fetch(ADDRESS, { cache: 'no-store' });
  if (!response.ok) throw new Error(`${ADDRESS} answered ${response.status}; the page stays as it is`);
  return response.json();
}
