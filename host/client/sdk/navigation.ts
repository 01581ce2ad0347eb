/** Moving between views. Ordinary links work as well: the runtime takes over those that stay in the page. */

import { events, type NavigateDetail, type SubscribeOptions } from './events.ts';

/** How to navigate. */
export interface NavigateOptions {
  /** Take the place of the present history entry instead of adding one. */
  readonly replace?: boolean | undefined;
}

/**
 * Goes to an address, in the page where a registered app claims it, else by a page load.
 *
 * Resolves when the new view is on screen; on a page load the page is gone before.
 */
export async function navigate(to: string | URL, { replace = false }: NavigateOptions = {}): Promise<void> {
  const url = new URL(to, location.href).href;
  if ('navigation' in window) {
    try {
      await window.navigation.navigate(url, { history: replace ? 'replace' : 'auto' }).finished;
    } catch (error) {
      // A newer navigation took over: that one has the page now, and this one is nobody's failure.
      if ((error as Error).name !== 'AbortError') throw error;
    }
  } else if (replace) {
    location.replace(url);
  } else {
    location.assign(url);
  }
}

/** Hears of every navigation inside the page once its view is on screen. Returns the function that stops it. */
export function onNavigate(listener: (detail: NavigateDetail) => void, options?: SubscribeOptions): () => void {
  return events.on('navigate', listener, options);
}
