/** Which apps a path activates in which slot. */

import type { Params, Registration, Route } from '@portico/sdk';
import { literalSpecificity, specificityOf } from './specificity.ts';

/** A route that matched, with its app and the decoded values of its named groups. */
export interface Match {
  readonly registration: Registration;
  readonly route: Route;
  readonly params: Params;
}

/** A route, ready to match. */
interface Entry {
  readonly registration: Registration;
  readonly route: Route;
  /** None where the path means itself. */
  readonly pattern: URLPattern | undefined;
}

/** A path in which every character means itself: most do, and making a URLPattern is what takes longest when a page starts. */
const LITERAL = /^\/([\w-]+(\/[\w-]+)*)?$/;

/** Compiles all routes of some apps, the most specific first. */
export function mostSpecificFirst(registrations: readonly Registration[]): Entry[] {
  const entries = registrations.flatMap((registration) =>
    registration.routes.flatMap((route) => {
      try {
        const pattern = LITERAL.test(route.path) ? undefined : new URLPattern({ pathname: route.path });
        const text = pattern?.pathname ?? route.path;
        const specificity = pattern ? specificityOf(text) : literalSpecificity(text);
        return { registration, route, pattern, specificity, text: `${text}\n${registration.app}` };
      } catch (error) {
        reportError(error); // one route that this browser does not take must not take the page
        return [];
      }
    }),
  );
  return entries.sort((a, b) => compare(b.specificity, a.specificity) || compare(a.text, b.text));
}

/** All routes of one page. */
export class RouteTable {
  readonly #entries: readonly Entry[];
  /** What was found for the path that was asked for last: a navigation asks several times, and patterns are slow. */
  #path: string | undefined;
  #known!: Record<string, Match[]>;

  constructor(registrations: readonly Registration[]) {
    this.#entries = mostSpecificFirst(registrations);
  }

  /** The most specific match of each app that has one in `slot`, the most specific app first. */
  matches(slot: string, path: string): Match[] {
    if (path !== this.#path) this.#known = {};
    this.#path = path;
    // biome-ignore lint/suspicious/noAssignInExpressions: the page's script is counted in bytes
    return (this.#known[slot] ??= this.#find(slot, path));
  }

  #find(slot: string, path: string): Match[] {
    const found = new Map<Registration, Match>();
    for (const { registration, route, pattern } of this.#entries) {
      if (route.slot !== slot || found.has(registration)) continue;
      const groups = pattern ? pattern.exec({ pathname: path })?.pathname.groups : path === route.path && {};
      if (groups) found.set(registration, { registration, route, params: paramsOf(groups) });
    }
    return [...found.values()];
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function paramsOf(groups: Readonly<Record<string, string | undefined>>): Params {
  const params: Record<string, string> = {};
  for (const name in groups) if (groups[name] !== undefined) params[name] = decoded(groups[name]);
  return params;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // a stray percent sign is part of the path, not an error of the page
  }
}
