/** Web Push: messages for a closed browser, by choice of the person. */

/** Whether this browser shows messages when the site is closed. */
export type PushState = 'unsupported' | 'denied' | 'off' | 'on';

const ADDRESS = '/_portico/push';
const LIMIT_MS = 5_000;

/** How it stands. `unsupported` also where no worker is registered. */
async function state(): Promise<PushState> {
  if (!('PushManager' in window) || !('Notification' in window)) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  const registration = await navigator.serviceWorker?.getRegistration('/');
  if (!registration) return 'unsupported';
  return (await registration.pushManager.getSubscription()) ? 'on' : 'off';
}

/** Asks the person for permission, subscribes, and tells the server where. Call it from a click. */
async function enable(): Promise<PushState> {
  if ((await Notification.requestPermission()) !== 'granted') return state();
  const { pushManager } = await navigator.serviceWorker.ready;
  const { key } = (await (await ask('GET')).json()) as { key: string };
  const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  try {
    await ask('PUT', subscription.toJSON());
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
  return state();
}

/** Ends it here and at the server. */
async function disable(): Promise<PushState> {
  await disablePush();
  return state();
}

/** Ends it here first: also when the server cannot be told, no message arrives any more. */
export async function disablePush(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration('/');
  const subscription = await registration?.pushManager?.getSubscription();
  if (!subscription) return;
  await subscription.unsubscribe();
  await ask('DELETE', { endpoint: subscription.endpoint });
}

export const push = { state, enable, disable } as const;

async function ask(method: string, body?: unknown): Promise<Response> {
  const headers = { 'X-Portico': '1', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
  const signal = AbortSignal.timeout(LIMIT_MS);
  const response = await fetch(ADDRESS, {
    method,
    headers,
    signal,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${ADDRESS} answered ${response.status}`);
  return response;
}
