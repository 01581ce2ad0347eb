/** Answers navigations: from the network while it answers in time, else with the document that is kept for the person. */

import { type Clock, within } from './clock.ts';
import { failureOf } from './verdict.ts';

/** How long the network has, in milliseconds; and when the browser says that there is none, which it may be wrong about. */
const LIMIT_MS = 3000;
const LIMIT_OFFLINE_MS = 100;

export interface NavigationDeps {
  readonly clock: Clock;
  /** The document kept for the person whose pages are open. */
  readonly document: () => Promise<Response | undefined>;
  /** `navigator.onLine`: false is a hint, true says nothing. */
  readonly seemsOnline: () => boolean;
}

/** Answers with what `network` comes to, unless it fails or is late and a document is kept. Rejects as it does, if none is. */
export async function navigate(network: Promise<Response>, deps: NavigationDeps): Promise<Response> {
  const { clock, seemsOnline } = deps;
  const kept = deps.document().catch(() => undefined);
  const limit = seemsOnline() ? LIMIT_MS : LIMIT_OFFLINE_MS;
  try {
    const response = await within(clock, limit, network);
    if (response && failureOf(response) === null) return response;
  } catch {
    // the kept document, or the failure itself below
  }
  return (await kept) ?? network;
}
