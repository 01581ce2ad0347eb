/** Takes over navigations inside the page, through the Navigation API. */

/** A navigation that stays in the page. */
export interface Move {
  readonly url: URL;
  /** The app changed the address itself (`history.pushState`, `replaceState`): nobody asked to be shown something. */
  readonly quiet: boolean;
}

/** What the router asks of its owner. */
export interface RouterDelegate {
  /** Whether an app claims this path for the view. */
  claims(path: string): boolean;
  /** Shows the view; resolves when it is on screen. */
  go(move: Move): Promise<void>;
}

/**
 * Starts to take over navigations to claimed paths and returns the function that stops it. Everything else is the
 * browser's: other origins, downloads, form posts, jumps inside the page, reloads, paths that nobody claims. Where the
 * Navigation API is missing that is everything, and the host answers every path with a page.
 */
export function startRouter(delegate: RouterDelegate): () => void {
  if (!('navigation' in window)) return () => {};
  const stop = new AbortController();
  window.navigation.addEventListener('navigate', (event) => take(event, delegate), { signal: stop.signal });
  return () => stop.abort();
}

function take(event: NavigateEvent, delegate: RouterDelegate): void {
  const { destination, navigationType } = event;
  if (!event.canIntercept || event.hashChange || event.downloadRequest !== null || event.formData) return;
  if (navigationType === 'reload') return;
  const url = new URL(destination.url);
  const moves = url.pathname !== location.pathname;
  const quiet = destination.sameDocument && navigationType !== 'traverse';
  if (delegate.claims(url.pathname)) {
    event.intercept({
      handler: () => delegate.go({ url, quiet }),
      focusReset: 'manual',
      scroll: quiet ? 'manual' : 'after-transition',
    });
  } else if (destination.sameDocument && moves) {
    // Back to a page that only the host can render (404, "sign in to open this"), after others in this document.
    event.intercept({ handler: () => new Promise<void>(() => location.reload()), focusReset: 'manual' });
  }
}
