/** Messages for a closed browser (Web Push): shown, and opened where they lead. */

/** What a push carries. */
interface Pushed {
  readonly id?: string;
  readonly title: string;
  readonly body?: string;
  readonly href?: string;
}

/** A notification to show. */
export interface Shown {
  readonly title: string;
  readonly options: NotificationOptions;
}

/** The notification for a push message's text; browsers want one for every message, also for one that says nothing. */
export function notificationOf(text: string | null, language: string): Shown {
  // The worker has no page that says which language is wanted: the browser's, as the host takes it for its pages.
  const title = /^ar\b/.test(language) ? 'شيء جديد' : 'Something new';
  const pushed = pushedIn(text) ?? { title, href: '/' };
  const options: NotificationOptions = { body: pushed.body ?? '', data: { href: pushed.href ?? '/' } };
  // The same message again takes the place of the first.
  if (pushed.id !== undefined) options.tag = pushed.id;
  return { title: pushed.title, options };
}

/** The part of `self.clients` that is used. */
export interface Windows {
  matchAll(): Promise<readonly { readonly url: string; focus(): Promise<unknown> }[]>;
  openWindow(url: string): Promise<unknown>;
}

/** Goes where a notification leads: to a page that is open there, else in a new one. Never to another site. */
export async function follow(data: unknown, windows: Windows, origin: string): Promise<void> {
  const url = targetOf(data, origin);
  const open = (await windows.matchAll()).find((page) => page.url.split('#', 1)[0] === url);
  if (open) await open.focus();
  else await windows.openWindow(url);
}

function targetOf(data: unknown, origin: string): string {
  const { href } = (data ?? {}) as { href?: unknown };
  if (typeof href !== 'string' || !URL.canParse(href, origin)) return `${origin}/`;
  const url = new URL(href, origin);
  return url.origin === origin ? url.href : `${origin}/`;
}

function pushedIn(text: string | null): Pushed | null {
  try {
    const found = JSON.parse(text ?? '') as Partial<Pushed> | null;
    return typeof found?.title === 'string' ? (found as Pushed) : null;
  } catch {
    return null;
  }
}

/** Where a changed subscription is told to: the host's address for Web Push. */
const SUBSCRIPTION = '/_portico/push';

/** The part of a `pushsubscriptionchange` event that is used. */
export interface SubscriptionChange {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}

/** What is needed to go on with the messages. */
export interface RenewDeps {
  readonly manager: Pick<PushManager, 'subscribe'>;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The `sub` of who had chosen them: the host takes the subscription for nobody else. */
  readonly sub: string;
}

/** Goes on with the messages that the person had chosen when the browser has ended their subscription (Push API, 8.3). */
export async function renew(
  { oldSubscription, newSubscription }: SubscriptionChange,
  { manager, fetch, sub }: RenewDeps,
): Promise<void> {
  const headers = { 'Content-Type': 'application/json', 'X-Portico': '1', 'Portico-Person': encodeURIComponent(sub) };
  const tell = (method: string, body: unknown): Promise<Response> =>
    fetch(SUBSCRIPTION, { method, headers, body: JSON.stringify(body) });
  const options = oldSubscription?.options;
  const next = newSubscription ?? (options ? await manager.subscribe(options) : null);
  if (next) await tell('PUT', next.toJSON());
  if (oldSubscription) await tell('DELETE', { endpoint: oldSubscription.endpoint });
}
