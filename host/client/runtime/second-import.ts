/**
 * Importing a module once more after it failed.
 *
 * A browser keeps what a module evaluated to, a thrown error too, for the life of the page, and an immutable response with
 * wrong bytes stays in its HTTP cache: importing the same address again would fail the same way. So an attempt after a
 * failure imports `entry.js?retry=1`. Under `Integrity-Policy` that address needs its own integrity, and the module's own
 * imports must be tried anew as well; both are said by a further import map, made of the page's own one: the same digests
 * for the release's modules with the suffix, and scopes that send imports between them to the suffixed addresses.
 * Shared libraries keep their addresses, so that there is still one copy of each.
 */

import { addMap, type ImportMap, pageMap } from './maps.ts';

/** Tells the browser of the addresses with `suffix` for `entry` and the modules beside it, so that they can be imported. */
export function announceRetry(entry: string, suffix: string): void {
  addMap(retryMap(pageMap().integrity ?? {}, entry, suffix));
}

/** The import map for one more attempt at the modules that lie beside or below `entry`. */
export function retryMap(integrity: Readonly<Record<string, string>>, entry: string, suffix: string): ImportMap {
  const folder = entry.slice(0, entry.lastIndexOf('/') + 1);
  const own = Object.entries(integrity).filter(([address]) => address.startsWith(folder) && !address.includes('?'));
  const moved = Object.fromEntries(own.map(([address]) => [address, address + suffix]));
  return {
    integrity: Object.fromEntries(own.map(([address, digest]) => [address + suffix, digest])),
    scopes: Object.fromEntries(own.map(([address]) => [address + suffix, moved])),
  };
}
