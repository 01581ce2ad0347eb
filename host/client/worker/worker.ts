/** The worker's parts, put together over the browser's own stores, network and clock. */

import { Device, openLocal, PROTOCOL_VERSION, personHash, type ToPage, toPage, wipe, wipeOthers } from '@portico/local';
import { kindOf } from './addresses.ts';
import { Answers } from './answers.ts';
import { type Clock, systemClock } from './clock.ts';
import { Messages } from './messages.ts';
import { ASSETS, NOBODY } from './names.ts';
import { navigate } from './navigations.ts';
import { Owner } from './owner.ts';
import { Pages } from './pages.ts';
import { Precache } from './precache.ts';
import { follow, notificationOf, renew, type SubscriptionChange } from './push.ts';
import { Reads, type Seen } from './reads.ts';
import { Room } from './room.ts';
import { Sending } from './sending.ts';
import { CacheShelves, type Shelves } from './shelves.ts';
import { Unheard } from './unheard.ts';
import { sendingLock, takeOver } from './update.ts';

/** The worker, as its entry sees it. */
export class Worker {
  readonly #scope: ServiceWorkerGlobalScope;
  readonly #shelves: Shelves;
  readonly #clock: Clock = systemClock;
  readonly #owner: Owner;
  readonly #precache: Precache;
  readonly #reads: Reads;
  readonly #sending: Sending;
  readonly #messages: Messages;
  readonly #unheard = new Unheard();

  constructor(scope: ServiceWorkerGlobalScope) {
    this.#scope = scope;
    const clock = this.#clock;
    const openPages = (): Promise<string[]> => this.#openPages();
    this.#shelves = new CacheShelves(scope.caches, scope.location.origin);
    const shelves = this.#shelves;
    const room = new Room(shelves, scope.navigator.storage, () => this.#precache.dropRetired());
    const answers = new Answers(shelves, room, clock);
    const pages = new Pages(shelves, openPages);
    this.#owner = new Owner(new Device(), personHash);
    this.#precache = new Precache({
      shelves,
      room,
      fetch: (url, init) => scope.fetch(url, init),
      personHash,
      openPages,
      isThere: async (person) => (await this.#owner.current())?.hash === person,
    });
    this.#sending = new Sending({ owner: this.#owner, open: (sub) => this.#openLocal(sub), answers, clock });
    this.#reads = new Reads({
      answers,
      clock,
      origin: scope.location.origin,
      fetch: (request) => scope.fetch(request),
      keptFor: (sub) => this.#keptFor(sub),
      patches: ({ person, what, app }) => this.#sending.patches(person, what, app),
    });
    this.#messages = new Messages({
      owner: this.#owner,
      pages,
      precache: this.#precache,
      answers,
      room,
      clock,
      missed: (page) => this.#unheard.heardBy(page).map(readTold),
      flush: (sub, now) => this.#sending.flush(sub, now),
      warm: async ({ person, apps }) => {
        if (person !== null) await this.#reads.warm(person, apps);
      },
      release: () => this.#sending.close(),
      wipe,
      wipeOthers,
      activate: () => this.#activate(pages),
    });
  }

  /** Answers what is the worker's to answer; must be called while the event is being dispatched. */
  fetch(event: FetchEvent): void {
    const kind = kindOf(event.request, this.#scope.location.origin);
    if (kind === 'navigation') event.respondWith(this.#navigate(event));
    else if (kind === 'passage') event.respondWith(this.#network(event.request, event.preloadResponse));
    else if (kind === 'asset') event.respondWith(this.#asset(event.request));
    else if (kind === 'read') event.respondWith(this.#read(event));
  }

  message(event: ExtendableMessageEvent): void {
    const { source } = event;
    if (!source || !('id' in source)) return;
    event.waitUntil(this.#messages.take(event.data, { id: source.id, post: (message) => source.postMessage(message) }));
  }

  /** Takes charge of the pages that are open: what they ask from now on can be kept. */
  async activate(): Promise<void> {
    await this.#scope.registration.navigationPreload?.enable();
    await this.#scope.clients.claim();
  }

  /** There is a network again: sends what waits, and asks to be woken once more while not all of it could be sent. */
  async sync(): Promise<void> {
    const person = await this.#owner.current();
    const wake = person && (await this.#sending.flush(person.sub, true));
    if (wake !== null) throw new Error('Not everything could be sent yet.');
  }

  /** Shows what a push message says. */
  async push(text: string | null): Promise<void> {
    const { title, options } = notificationOf(text, globalThis.navigator?.language ?? 'en');
    await this.#scope.registration.showNotification(title, options);
  }

  /** Goes where a notification leads. */
  async open(notification: Notification): Promise<void> {
    notification.close();
    const { clients, location } = this.#scope;
    const matchAll = (): Promise<readonly WindowClient[]> =>
      clients.matchAll({ type: 'window', includeUncontrolled: true });
    await follow(notification.data, { matchAll, openWindow: (url) => clients.openWindow(url) }, location.origin);
  }

  /** The browser has ended the subscription to push messages. */
  async resubscribe(change: SubscriptionChange): Promise<void> {
    const person = await this.#owner.current();
    if (person === null) return;
    const { pushManager: manager } = this.#scope.registration;
    await renew(change, { manager, fetch: (url, init) => this.#scope.fetch(url, init), sub: person.sub });
  }

  async #navigate(event: FetchEvent): Promise<Response> {
    const preloaded = event.preloadResponse as Promise<Response | undefined>;
    event.waitUntil(preloaded.catch(() => {}));
    return navigate(this.#network(event.request, preloaded), {
      clock: this.#clock,
      document: async () => this.#precache.document((await this.#owner.current())?.hash ?? NOBODY),
      seemsOnline: () => this.#scope.navigator.onLine,
    });
  }

  async #network(request: Request, preloaded: Promise<Response | undefined>): Promise<Response> {
    return (await preloaded) ?? this.#scope.fetch(request);
  }

  async #asset(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    // "Try again" asks for the same file under another address, to get past a failure that the browser remembers.
    const kept = search ? undefined : await this.#keptFile(pathname).catch(() => undefined);
    return kept ?? this.#scope.fetch(request);
  }

  async #keptFile(path: string): Promise<Response | undefined> {
    return (await this.#shelves.open(ASSETS)).get(path);
  }

  #read(event: FetchEvent): Promise<Response> {
    return this.#reads.answer({
      request: event.request,
      extend: (work) => event.waitUntil(work.catch(() => {})),
      tell: (seen) => event.waitUntil(this.#tell(event.clientId, seen)),
    });
  }

  async #tell(client: string, seen: Seen): Promise<void> {
    this.#unheard.keep(client, seen);
    (await this.#scope.clients.get(client))?.postMessage(readTold(seen));
  }

  async #keptFor(sub: string): ReturnType<Reads['deps']['keptFor']> {
    const person = await this.#owner.current();
    if (person?.sub !== sub) return null;
    const contents = await this.#precache.contents(person.hash);
    return contents && { person: person.hash, apps: contents.apps };
  }

  async #activate(pages: Pages): Promise<boolean> {
    const person = await this.#owner.current();
    return takeOver({
      locks: this.#scope.navigator.locks,
      allSpeak: () => pages.allSpeak(PROTOCOL_VERSION),
      own: person && sendingLock(person.sub),
      take: async () => {
        // Not awaited: the browser lets go of the old worker only when it has nothing to do, and it may be waiting for the
        // lock that is held here.
        this.#scope.skipWaiting().catch((error: unknown) => this.#scope.reportError(error));
      },
    });
  }

  #openLocal(sub: string): ReturnType<typeof openLocal> {
    const person = async (): Promise<string | null> => (await this.#owner.current())?.sub ?? null;
    return openLocal(sub, { person, report: (error) => this.#scope.reportError(error) });
  }

  async #openPages(): Promise<string[]> {
    const open = await this.#scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
    return open.map(({ id }) => id);
  }
}

function readTold({ asOf, ...seen }: Seen): ToPage {
  return toPage({ kind: 'read', asOf: asOf === null ? null : new Date(asOf).toISOString(), ...seen });
}
