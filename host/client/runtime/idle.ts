/** What a page does not need for its first view is a module of its own, loaded when nothing else is to be done. */

/** The module `later.js`, fetched at the first call. */
export function later(): Promise<typeof import('@portico/runtime/later')> {
  return import('@portico/runtime/later');
}

/** Calls `work` when the browser has nothing else to do; a browser that does not tell (Safari) gets a moment. */
export function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: 2000 });
  else setTimeout(work, 200);
}
