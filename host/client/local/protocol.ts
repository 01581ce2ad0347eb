/**
 * What pages and the service worker say to each other with `postMessage`: a discriminated union with a version. A message of another
 * version, or of a kind that is not known, is not read at all: a page may be older or newer than the worker.
 */

/** The version of this union; it changes when an old reader would misread a new message. */
export const PROTOCOL_VERSION = 1;

interface Versioned {
  readonly v: typeof PROTOCOL_VERSION;
}

/** From a page. */
export type ToWorker = Versioned &
  (
    | {
        readonly kind: 'hello';
        /** The channel's revision that the page was made from. */
        readonly revision: number;
        readonly sub: string | null;
        /** The message version that the page speaks. */
        readonly version: number;
      }
    | { readonly kind: 'flush'; readonly sub: string; readonly now?: boolean }
    | { readonly kind: 'forget'; readonly sub: string; readonly keepOutbox: boolean }
    | { readonly kind: 'activate' }
    | { readonly kind: 'precache' }
  );

/** From the worker. Times are RFC 3339. */
export type ToPage = Versioned &
  (
    | {
        /** A read was answered by the worker. `stale`: null when fresh, else why the network could not answer. */
        readonly kind: 'read';
        readonly app: string;
        readonly url: string;
        readonly asOf: string | null;
        readonly stale: 'network' | 'timeout' | 'error' | null;
        /** How many waiting commands the answer shows. */
        readonly pending: number;
      }
    | { readonly kind: 'flushed'; readonly sub: string }
    | { readonly kind: 'forgotten'; readonly sub: string }
    | { readonly kind: 'updated'; readonly revision: number }
    | { readonly kind: 'ready' }
  );

const TO_WORKER: Record<ToWorker['kind'], true> = {
  hello: true,
  flush: true,
  forget: true,
  activate: true,
  precache: true,
};
const TO_PAGE: Record<ToPage['kind'], true> = {
  read: true,
  flushed: true,
  forgotten: true,
  updated: true,
  ready: true,
};

type Unversioned<T> = T extends unknown ? Omit<T, 'v'> : never;

/** A message with its version. */
export function toWorker(message: Unversioned<ToWorker>): ToWorker {
  return { v: PROTOCOL_VERSION, ...message } as ToWorker;
}

/** A message with its version. */
export function toPage(message: Unversioned<ToPage>): ToPage {
  return { v: PROTOCOL_VERSION, ...message } as ToPage;
}

/** The message if it is one for the worker in a version that this code reads, else null. */
export function readToWorker(data: unknown): ToWorker | null {
  return speaks(data, TO_WORKER) ? (data as ToWorker) : null;
}

/** The message if it is one for a page in a version that this code reads, else null. */
export function readToPage(data: unknown): ToPage | null {
  return speaks(data, TO_PAGE) ? (data as ToPage) : null;
}

/** For the `default` of a switch over a union: does not compile while a case is missing. */
export function never(value: never): never {
  throw new Error(`not expected: ${JSON.stringify(value)}`);
}

function speaks(data: unknown, kinds: object): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { v, kind } = data as { v?: unknown; kind?: unknown };
  return v === PROTOCOL_VERSION && typeof kind === 'string' && Object.hasOwn(kinds, kind);
}
