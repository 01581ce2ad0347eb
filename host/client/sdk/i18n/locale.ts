/** The page's language: the host has chosen it, from what the person has set, else from what the browser asks for. */

const COOKIE = 'portico_locale';
const YEAR_S = 31_536_000;

/** The page's language, a BCP 47 tag such as `en`. */
export function locale(): string {
  return globalThis.document?.documentElement.lang || 'en'; // a worker, or a test in Node, has no page
}

/** Which way the page's language is written. */
export function direction(): 'ltr' | 'rtl' {
  return document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr';
}

/**
 * Keeps the person's language on this device and loads the page anew in it; `null` goes back to what the browser asks for.
 *
 * @throws RangeError when it is no language tag (BCP 47)
 */
export function setLocale(language: string | null): void {
  const value = language === null ? '' : new Intl.Locale(language).toString();
  // biome-ignore lint/suspicious/noDocumentCookie: Firefox and Safari came to have another way only lately.
  document.cookie = `${COOKIE}=${value}; Path=/; SameSite=Lax; Max-Age=${value ? YEAR_S : 0}`;
  location.reload();
}
