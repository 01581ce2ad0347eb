/** The page's own log. */

import { boot, events, type PlatformEvents } from '@portico/sdk';
import { Batches } from './batches.ts';
import { type Fields, type Level, type RumRecord, recordOf } from './record.ts';

/** Of so many pages one tells everything; warnings and errors are told of each. */
const ONE_IN = 10;
const ADDRESS = '/_portico/rum';

const batches = new Batches({
  send: (body) => navigator.sendBeacon(ADDRESS, new Blob([body], { type: 'application/json' })),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  // The path alone: a query may hold what somebody typed.
  page: () => ({ path: location.pathname.slice(0, 500), revision: boot().revision }),
  sampled: () => Math.random() < 1 / ONE_IN,
});

let follows = false;

function tell(record: RumRecord): void {
  start();
  batches.add(record);
}

/**
 * Tells from now on of apps that fail, and of those that have failed before, and sends what waits when the page goes. A page does
 * this when something is to be told.
 */
export function start(failures: readonly PlatformEvents['failure'][] = []): void {
  if (follows) return;
  follows = true;
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') batches.flush();
  });
  addEventListener('pagehide', () => batches.flush());
  const failed = ({ app, phase, error }: PlatformEvents['failure']): void =>
    batches.add(recordOf(app, 'error', error, performance.now(), { fields: { phase } }));
  events.on('failure', failed);
  failures.forEach(failed);
}

function at(level: Level): (app: string, message: unknown, fields?: Fields) => void {
  return (app, message, fields) => tell(recordOf(app, level, message, performance.now(), { fields }));
}

/** Tells the operators. `message` is a text that stays the same, or an error; what differs belongs into `fields`. */
export const log: Readonly<Record<Level, (app: string, message: unknown, fields?: Fields) => void>> = {
  info: at('info'),
  warn: at('warn'),
  error: at('error'),
};

/**
 * Runs `work` and tells how long it took, in ms, also when it fails. Returns what `work` returns. A mark of the same name is put
 * into the browser's performance timeline.
 */
export async function measure<T>(app: string, name: string, work: () => T | Promise<T>, fields?: Fields): Promise<T> {
  const start = performance.now();
  let failed = true;
  try {
    const result = await work();
    failed = false;
    return result;
  } finally {
    const { duration } = performance.measure(`${app}: ${name}`, { start });
    const detail = { fields: { ...fields, ...(failed && { failed }) }, ms: duration };
    tell(recordOf(app, 'info', name, start, detail));
  }
}
