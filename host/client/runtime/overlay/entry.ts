/** `@portico/runtime/overlay`: what a developer sees of the page they are on; loaded when they ask for it. */

import { events, messages, user } from '@portico/sdk';
import { appsView } from './apps-view.ts';
import { errorsView } from './errors-view.ts';
import { flagsView } from './flags-view.ts';
import { logView } from './log-view.ts';
import { outboxView } from './outbox-view.ts';
import { Panel } from './panel.ts';
import { Recorder } from './recorder.ts';

let shown: { readonly panel: Panel; readonly ended: AbortController } | undefined;

/** Opens the overlay, or closes it; the focus goes there and back. */
export function toggle(): void {
  if (shown) close();
  else open()?.focus();
}

/** Opens the overlay without taking the focus; `undefined` when it is open. */
export function open(): Panel | undefined {
  if (shown) return undefined;
  const ended = new AbortController();
  const { signal } = ended;
  const recorder = new Recorder({ events, messages, target: window, now: () => performance.now() });
  recorder.start(signal);
  const waiting = (): string | null => sessionStorage.getItem(`portico.messages:${user()?.sub ?? ''}`);
  const panel = new Panel(
    [
      { name: 'Apps', view: appsView },
      { name: 'Log', view: (within) => logView(recorder, waiting, within) },
      { name: 'Flags', view: flagsView },
      { name: 'Outbox', view: outboxView },
      { name: 'Errors', view: (within) => errorsView(recorder, within) },
    ],
    close,
  );
  shown = { panel, ended };
  panel.open(signal);
  return panel;
}

/** Closes the overlay, if it is open; nothing of it stays on the page. */
export function close(): void {
  const before = shown;
  shown = undefined;
  before?.panel.close();
  before?.ended.abort();
}
