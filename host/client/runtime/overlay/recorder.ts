/** What happens on the page while the overlay is open: platform events, messages between apps, and errors. */

import type { Events, Messages, PlatformEvents } from '@portico/sdk';
import { short } from './elements.ts';

/** One thing that happened. */
export interface Line {
  /** Ms since the page began. */
  readonly at: number;
  readonly kind: 'state' | 'navigate' | 'message' | 'failure' | 'error' | 'host';
  readonly text: string;
  /** More of it: data, or where an error was thrown. */
  readonly detail?: string | undefined;
}

/** How many are remembered; the oldest go first. */
export const MOST_LINES = 500;

/** Where it listens. */
export interface RecordedPage {
  readonly events: Events<PlatformEvents>;
  readonly messages: Messages;
  /** The window, which hears of errors. */
  readonly target: EventTarget;
  /** Ms since the page began. */
  readonly now: () => number;
}

export class Recorder {
  readonly lines: Line[] = [];
  readonly #listeners = new Set<(line: Line) => void>();

  constructor(readonly page: RecordedPage) {}

  /** Listens until `signal` aborts. */
  start(signal: AbortSignal): void {
    this.#followEvents(signal);
    this.#followMessages(signal);
    const { target } = this.page;
    const hear = { signal };
    target.addEventListener('error', (event) => this.#error(errorOf(event as ErrorEvent)), hear);
    const refused = (event: Event): void => this.#error((event as PromiseRejectionEvent).reason);
    target.addEventListener('unhandledrejection', refused, hear);
    const violated = (event: Event): void => {
      const { effectiveDirective, blockedURI } = event as SecurityPolicyViolationEvent;
      this.#note('error', `The page's policy refused ${blockedURI || 'something'} (${effectiveDirective})`);
    };
    target.addEventListener('securitypolicyviolation', violated, hear);
  }

  /** Hears each new line until `signal` aborts. */
  subscribe(listener: (line: Line) => void, signal: AbortSignal): void {
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener));
  }

  #followEvents(signal: AbortSignal): void {
    const { events } = this.page;
    const hear = { signal };
    events.on('state', ({ app, slot, from, to }) => this.#note('state', `${app} in ${slot}: ${from} → ${to}`), hear);
    events.on('navigate', ({ url, app }) => this.#note('navigate', `${url.pathname}${url.search} by ${app}`), hear);
    events.on(
      'failure',
      ({ app, slot, phase, error }) => this.#note('failure', `${app} in ${slot} failed to ${phase}`, said(error)),
      hear,
    );
    events.on('signed-out', ({ app }) => this.#note('host', `${app} was told that nobody is signed in`), hear);
    events.on('channel-changed', ({ revision }) => this.#note('host', `Revision ${revision} is live`), hear);
  }

  /** Stands in front of the page's own `publish`, so that pages without the overlay pay nothing for it. */
  #followMessages(signal: AbortSignal): void {
    const { messages } = this.page;
    const publish = messages.publish.bind(messages) as (name: string, data: unknown) => string;
    messages.publish = ((name: string, data: unknown) => {
      const id = publish(name, data);
      this.#note('message', `${name} published`, short(data));
      return id;
    }) as typeof messages.publish;
    signal.addEventListener('abort', () => void delete (messages as Partial<Messages>).publish);
  }

  #error(error: unknown): void {
    // The runtime reports a failure to the window as well; it is the same one.
    const detail = said(error);
    if (this.lines.at(-1)?.kind === 'failure' && this.lines.at(-1)?.detail === detail) return;
    this.#note('error', error instanceof Error ? error.message : String(error), detail);
  }

  #note(kind: Line['kind'], text: string, detail?: string): void {
    const line = { at: this.page.now(), kind, text, detail };
    this.lines.push(line);
    if (this.lines.length > MOST_LINES) this.lines.shift();
    for (const hear of this.#listeners) hear(line);
  }
}

function errorOf({ error, message }: ErrorEvent): unknown {
  return error ?? message;
}

function said(error: unknown): string {
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
}
