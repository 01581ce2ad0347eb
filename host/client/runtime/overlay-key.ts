/** The ways into the developer overlay: Ctrl+Alt+P, `?portico-overlay`, and having been open on the page before. */

import { boot } from '@portico/sdk';

/** Where a tab keeps that the overlay is open, and how it stands. */
export const OVERLAY_KEPT = 'portico.overlay';

/** Waits for a developer to ask for the overlay; nobody else's page loads it. */
export function startOverlayKey(signal: AbortSignal): void {
  if (!boot().developer) return;
  addEventListener('keydown', (event) => void (isKey(event) && toggle(event)), { signal });
  signal.addEventListener('abort', () => void overlay().then(({ close }) => close(), reportError));
  if (new URLSearchParams(location.search).has('portico-overlay') || wasOpen())
    overlay().then(({ open }) => open(), reportError);
}

/** By its place or by its letter: keyboards differ. AltGr, which Windows tells as Ctrl+Alt, writes a character. */
function isKey(event: KeyboardEvent): boolean {
  const { ctrlKey, altKey, repeat, code, key } = event;
  const letter = code === 'KeyP' || key.toLowerCase() === 'p';
  return ctrlKey && altKey && letter && !repeat && !event.getModifierState('AltGraph');
}

function toggle(event: KeyboardEvent): void {
  event.preventDefault();
  overlay().then((module) => module.toggle(), reportError);
}

function overlay(): Promise<typeof import('@portico/runtime/overlay')> {
  return import('@portico/runtime/overlay');
}

function wasOpen(): boolean {
  try {
    return sessionStorage.getItem(OVERLAY_KEPT) !== null;
  } catch {
    return false; // storage is forbidden
  }
}
