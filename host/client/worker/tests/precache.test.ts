import { beforeEach, describe, expect, it } from 'vitest';
import type { Contents } from '../contents.ts';
import { ASSETS, CONTENTS as SHELF } from '../names.ts';
import { Precache } from '../precache.ts';
import { answer, CONTENTS, MemoryShelves, roomOn } from './fakes.ts';

const asset = (name: string) => ({ url: `/a/notes/0/${name}`, integrity: `sha384-${name}` });
const LISTED: Contents = { ...CONTENTS, assets: [asset('a.js'), asset('b.js')] };

/** A host that lists and serves what it is told, and pages that are open. */
class Host {
  listed: Contents = LISTED;
  /** The tag of the document that comes; that of the listing without. */
  tags: string[] = [];
  readonly missing = new Set<string>();
  readonly asked: string[] = [];
  reachable = true;
  there = true;
  whenAsked: (url: string) => unknown = () => {};
  pages: string[] = [];
  readonly shelves = new MemoryShelves();
  readonly precache = new Precache({
    shelves: this.shelves,
    room: roomOn(this.shelves),
    fetch: (url) => this.#fetch(url),
    personHash: async (sub) => `hash-of-${sub}`,
    openPages: async () => this.pages,
    isThere: async () => this.there,
  });

  async #fetch(url: string): Promise<Response> {
    this.asked.push(url);
    await this.whenAsked(url);
    if (!this.reachable || this.missing.has(url)) throw new TypeError('no network');
    if (url === '/_portico/offline.json') return answer(this.listed);
    if (url !== '/_portico/document') return new Response(`content of ${url}`);
    const headers = { 'Portico-Document': this.tags.shift() ?? this.listed.tag };
    return answer(`page ${this.listed.tag}`, { headers });
  }

  get files(): string[] {
    return this.shelves.keys(ASSETS).sort();
  }

  async page(person = 'hash-of-ada'): Promise<string | undefined> {
    return (await this.precache.document(person))?.text();
  }
}

let host: Host;
beforeEach(() => {
  host = new Host();
});

const urls = (...names: string[]): string[] => names.map((name) => asset(name).url);

describe('keeping what is listed', () => {
  it('fetches the files, then the document of that listing, once', async () => {
    expect(await host.precache.refresh()).toEqual(LISTED);
    expect(host.files).toEqual(urls('a.js', 'b.js'));
    expect(await host.page()).toBe('"page t7"');
    expect(host.asked.at(-1)).toBe('/_portico/document');
    const before = host.asked.length;
    await host.precache.refresh();
    expect(host.asked.slice(before)).toEqual(['/_portico/offline.json']);
  });

  it('runs once when several pages ask at the same time', async () => {
    await Promise.all([host.precache.refresh(), host.precache.refresh()]);
    expect(host.asked.filter((url) => url === '/_portico/offline.json')).toHaveLength(1);
  });

  it('fetches only what is new of the next revision', async () => {
    await host.precache.refresh();
    host.asked.length = 0;
    host.listed = { ...LISTED, tag: 't8', revision: 8, assets: [asset('b.js'), asset('c.js')] };
    await host.precache.refresh();
    expect(host.asked).toEqual(['/_portico/offline.json', ...urls('c.js'), '/_portico/document']);
    expect(await host.page()).toBe('"page t8"');
  });

  it.each(['the network', 'a file', 'the document'])('leaves all as it was when %s fails', async (what) => {
    await host.precache.refresh();
    host.listed = { ...LISTED, tag: 't8', assets: [asset('a.js'), asset('c.js')] };
    if (what === 'the network') host.reachable = false;
    if (what === 'a file') host.missing.add(asset('c.js').url);
    if (what === 'the document') host.missing.add('/_portico/document');
    expect(await host.precache.refresh()).toBeNull();
    expect(await host.page()).toBe('"page t7"');
    expect((await host.precache.contents('hash-of-ada'))?.tag).toBe('t7');
    expect(host.files).toEqual(expect.arrayContaining(urls('a.js', 'b.js')));
  });

  it('starts again when something went live between listing and document', async () => {
    host.tags = ['of-another-revision'];
    expect(await host.precache.refresh()).toEqual(LISTED);
    expect(host.asked.filter((url) => url === '/_portico/offline.json')).toHaveLength(2);
    host.listed = { ...LISTED, tag: 't8' };
    host.tags = ['x', 'y', 'z'];
    expect(await host.precache.refresh()).toBeNull();
    expect(await host.page()).toBe('"page t7"');
  });

  it('gives up when there is no room, and what is kept stays whole', async () => {
    await host.precache.refresh();
    host.shelves.capacity = host.shelves.size;
    host.listed = { ...LISTED, tag: 't8', assets: [asset('a.js'), asset('b.js'), asset('c.js')] };
    expect(await host.precache.refresh()).toBeNull();
    expect(await host.page()).toBe('"page t7"');
    expect(host.files).toEqual(urls('a.js', 'b.js'));
  });

  it('keeps a document for each person, and forgets one without the others', async () => {
    await host.precache.refresh();
    host.listed = { ...LISTED, person: null, tag: 'n', assets: [asset('b.js')] };
    await host.precache.refresh();
    expect(await host.page('nobody')).toBe('"page n"');
    expect(await host.precache.people()).toEqual(['hash-of-ada']);
    await host.precache.forget('hash-of-ada');
    expect(await host.page()).toBeUndefined();
    expect(await host.precache.contents('hash-of-ada')).toBeNull();
    expect(host.files).toEqual(urls('b.js'));
  });

  it('keeps nothing for a person who is not there, or who goes meanwhile', async () => {
    host.there = false;
    expect(await host.precache.refresh()).toBeNull();
    host.there = true;
    host.whenAsked = (url) => {
      if (url === '/_portico/document') host.there = false;
    };
    await host.precache.refresh();
    expect(host.shelves.keys(SHELF)).toEqual([]);
  });

  it('reads a listing of a host that it does not understand as none', async () => {
    host.listed = { revision: 1 } as Contents;
    expect(await host.precache.refresh()).toBeNull();
    expect(host.files).toEqual([]);
  });
});

describe('files of an earlier revision', () => {
  beforeEach(async () => {
    await host.precache.refresh();
    host.pages = ['old'];
    host.listed = { ...LISTED, tag: 't8', assets: [asset('c.js')] };
  });

  it('stay while a page is open that was open before', async () => {
    await host.precache.refresh();
    expect(host.files).toEqual(urls('a.js', 'b.js', 'c.js'));
    host.pages = ['old', 'new'];
    await host.precache.collect();
    expect(host.files).toEqual(urls('a.js', 'b.js', 'c.js'));
  });

  it('go when no such page is open any more', async () => {
    await host.precache.refresh();
    host.pages = ['new'];
    await host.precache.collect();
    expect(host.files).toEqual(urls('c.js'));
    expect(host.shelves.keys(SHELF).some((key) => key.includes('retired'))).toBe(false);
  });

  it('go at once when the device has no room', async () => {
    await host.precache.refresh();
    await host.precache.dropRetired();
    expect(host.files).toEqual(urls('c.js'));
  });

  it('stay also when the worker was stopped in between: nothing of it is only remembered', async () => {
    await host.precache.refresh();
    const again = new Precache(host.precache.deps);
    expect((await again.contents('hash-of-ada'))?.tag).toBe('t8');
    await again.collect();
    expect(host.files).toEqual(urls('a.js', 'b.js', 'c.js'));
  });
});
