/** Which apps a path activates in which slot. */

import type { Params, Registration, Route } from '@portico/sdk';
import { specificityOf } from './specificity.ts';

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
  readonly pattern: URLPattern;
}

/** Compiles all routes of some apps, the most specific first. */
export function mostSpecificFirst(registrations: readonly Registration[]): Entry[] {
  const entries = registrations.flatMap((registration) =>
    registration.routes.flatMap((route) => {
      try {
        const pattern = new URLPattern({ pathname: route.path });
        const text = pattern.pathname;
        return { registration, route, pattern, specificity: specificityOf(text), text: `${text}\n${registration.app}` };
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

  constructor(registrations: readonly Registration[]) {
    this.#entries = mostSpecificFirst(registrations);
  }

  /** The most specific match of each app that has one in `slot`, the most specific app first. */
  matches(slot: string, path: string): Match[] {
    const found = new Map<Registration, Match>();
    for (const { registration, route, pattern } of this.#entries) {
      if (route.slot !== slot || found.has(registration)) continue;
      const groups = pattern.exec({ pathname: path })?.pathname.groups;
      if (groups) found.set(registration, { registration, route, params: paramsOf(groups) });
    }
    return [...found.values()];
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function paramsOf(groups: Readonly<Record<string, string | undefined>>): Params {
  const given = Object.entries(groups).filter((group): group is [string, string] => group[1] !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, decoded(value)]));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // a stray percent sign is part of the path, not an error of the page
  }
}
