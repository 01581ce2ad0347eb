/**
 * The states of apps in the performance timeline. A mark costs more than most of what it tells of, so that it is written, with
 * the time that it tells of, once the browser has nothing else to do.
 */

import { whenIdle } from './idle.ts';

const waiting = new Map<string, number>();

/** Keeps what happens now for the timeline, which has the latest of each name: it would grow with every navigation. */
export function note(name: string): void {
  if (!waiting.size) whenIdle(write);
  waiting.set(name, performance.now());
}

function write(): void {
  for (const [name, startTime] of waiting) {
    performance.clearMarks(name);
    performance.mark(name, { startTime });
  }
  waiting.clear();
}
