/** Keeps what the host lists for whoever asks: files first, then the document, so that what is there is always whole. */

import { type Asset, type Contents, contentsOf } from './contents.ts';
import { ASSETS, CONTENTS, NOBODY } from './names.ts';
import type { Room } from './room.ts';
import type { Shelf, Shelves } from './shelves.ts';
import { isTheHosts } from './verdict.ts';

/** Where the host lists what to keep. */
const LISTING = '/_portico/offline.json';
/** Files fetched at once. */
const TOGETHER = 6;
/** How often listing and document may disagree because something went live in between. */
const ATTEMPTS = 3;

export interface PrecacheDeps {
  readonly shelves: Shelves;
  readonly room: Room;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly personHash: (sub: string) => Promise<string>;
  /** The ids of all pages that are open now. */
  readonly openPages: () => Promise<readonly string[]>;
  /** Whether a person (a hash) is the one whose pages are open: for nobody else anything is kept. */
  readonly isThere: (person: string) => Promise<boolean>;
}

/** A listing that a newer one replaced, and the pages that were open then: they may still load its files. */
interface Retired {
  readonly contents: Contents;
  readonly pages: readonly string[];
}

export class Precache {
  #running: Promise<Contents | null> | undefined;
  /** Files of the listing that is being kept: they are not in the way of anybody yet. */
  #arriving: readonly Asset[] = [];
  readonly #known = new Map<string, Contents>();

  constructor(readonly deps: PrecacheDeps) {}

  /** What is kept for a person (a hash, or nobody); null before the first time. */
  async contents(person: string): Promise<Contents | null> {
    const known = this.#known.get(person);
    if (known) return known;
    const found = await (await this.deps.shelves.open(CONTENTS)).get(listingOf(person));
    const contents = found ? await contentsOf(found) : null;
    if (contents) this.#known.set(person, contents);
    return contents;
  }

  /** The document kept for a person. */
  async document(person: string): Promise<Response | undefined> {
    return (await this.deps.shelves.open(CONTENTS)).get(documentOf(person));
  }

  /**
   * Brings what is kept for whoever asks up to what the host lists now; one at a time. Resolves to the listing; null, with
   * all as it was, when the host cannot be reached, changes all the while, or there is no room.
   */
  refresh(): Promise<Contents | null> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
      this.#arriving = [];
    });
    return this.#running;
  }

  /** Forgets a person's document and listing. */
  async forget(person: string): Promise<void> {
    const shelf = await this.deps.shelves.open(CONTENTS);
    this.#known.delete(person);
    const retired = (await shelf.keys()).filter((key) => key.startsWith(`${RETIRED}${person}/`));
    await Promise.all([listingOf(person), documentOf(person), ...retired].map((key) => shelf.delete(key)));
    await this.collect();
  }

  /** The people (hashes) whose documents are kept; nobody is not among them. */
  async people(): Promise<string[]> {
    const keys = await (await this.deps.shelves.open(CONTENTS)).keys();
    const people = keys.flatMap((key) => (key.startsWith(DOCUMENT) ? [key.slice(documentOf('').length)] : []));
    return people.filter((person) => person !== NOBODY);
  }

  /** Drops what is kept only for pages that were open before the last change, even while some are. */
  async dropRetired(): Promise<void> {
    const shelf = await this.deps.shelves.open(CONTENTS);
    for (const key of await shelf.keys()) if (key.startsWith(RETIRED)) await shelf.delete(key);
    await this.collect();
  }

  /** Drops files that no listing names and that no page from before can still ask for. */
  async collect(): Promise<void> {
    const wanted = new Set(this.#arriving.map(({ url }) => url));
    const shelf = await this.deps.shelves.open(CONTENTS);
    const open = new Set(await this.deps.openPages());
    for (const key of await shelf.keys()) {
      const found = await shelf.get(key);
      if (!found || key.startsWith(DOCUMENT)) continue;
      const contents = key.startsWith(RETIRED)
        ? await this.#stillUsed(shelf, key, found, open)
        : await contentsOf(found);
      for (const { url } of contents?.assets ?? []) wanted.add(url);
    }
    const assets = await this.deps.shelves.open(ASSETS);
    for (const key of await assets.keys()) if (!wanted.has(key)) await assets.delete(key);
  }

  async #stillUsed(shelf: Shelf, key: string, found: Response, open: ReadonlySet<string>): Promise<Contents | null> {
    const { contents, pages } = (await found.json()) as Retired;
    if (pages.some((page) => open.has(page))) return contents;
    await shelf.delete(key);
    return null;
  }

  async #refresh(): Promise<Contents | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const listed = await this.#fetch(LISTING);
      const contents = listed && (await contentsOf(listed));
      if (!contents) return null;
      const person = contents.person === null ? NOBODY : await this.deps.personHash(contents.person);
      if (!(await this.#mayKeep(person))) return null;
      const before = await this.contents(person);
      if (before?.tag === contents.tag && (await this.document(person))) return contents;
      this.#arriving = contents.assets;
      if (!(await this.#keepFiles(contents.assets))) return null;
      const page = await this.#fetch(contents.document);
      if (page?.headers.get('Portico-Document') !== contents.tag) continue;
      return (await this.#replace(person, before, contents, page)) ? contents : null;
    }
    return null;
  }

  async #replace(person: string, before: Contents | null, contents: Contents, page: Response): Promise<boolean> {
    const shelf = await this.deps.shelves.open(CONTENTS);
    if (before) {
      const retired: Retired = { contents: before, pages: await this.deps.openPages() };
      await this.deps.room.make(() => shelf.put(`${RETIRED}${person}/${before.tag}`, json(retired)));
    }
    // The listing last: without it, everything is done again.
    const kept =
      (await this.deps.room.make(() => shelf.put(documentOf(person), page.clone()))) &&
      (await this.deps.room.make(() => shelf.put(listingOf(person), json(contents))));
    if (kept) this.#known.set(person, contents);
    // Somebody may have signed out meanwhile.
    if (!(await this.#mayKeep(person))) await this.forget(person);
    await this.collect();
    return kept;
  }

  async #mayKeep(person: string): Promise<boolean> {
    return person === NOBODY || this.deps.isThere(person);
  }

  /** Fetches what is missing. False when something is not to be had, or there is no room for it. */
  async #keepFiles(assets: readonly Asset[]): Promise<boolean> {
    const shelf = await this.deps.shelves.open(ASSETS);
    const there = new Set(await shelf.keys());
    const missing = assets.filter(({ url }) => !there.has(url));
    const workers = Array.from({ length: TOGETHER }, async () => {
      for (let asset = missing.pop(); asset; asset = missing.pop()) {
        if (!(await this.#keepFile(shelf, asset))) return false;
      }
      return true;
    });
    return (await Promise.all(workers)).every(Boolean);
  }

  async #keepFile(shelf: Shelf, { url, integrity }: Asset): Promise<boolean> {
    // Its name says what is in it and the digest is checked, so any cache on the way will do, and no receipt is needed.
    const response = await this.#ask(url, { integrity });
    if (!response?.ok || response.redirected) return false;
    return this.deps.room.make(() => shelf.put(url, response.clone()));
  }

  async #fetch(url: string): Promise<Response | null> {
    const response = await this.#ask(url, { cache: 'no-store' });
    return response?.ok && isTheHosts(response) ? response : null;
  }

  async #ask(url: string, init: RequestInit): Promise<Response | null> {
    try {
      return await this.deps.fetch(url, init);
    } catch {
      return null;
    }
  }
}

const DOCUMENT = '/_portico/document?';
const RETIRED = '/_portico/retired/';

function listingOf(person: string): string {
  return `${LISTING}?person=${person}`;
}

function documentOf(person: string): string {
  return `${DOCUMENT}person=${person}`;
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: { 'Content-Type': 'application/json' } });
}
