/** Which manually activated apps are to be shown, and where. */

import type { Registration } from '@portico/sdk';
import type { Match } from './routes.ts';

/** Full name of each active app, with the slot that was asked for. */
export type Active = Map<string, string | undefined>;

/** The matches of a slot without the apps that are not active, and with those that were asked for there. */
export function activated(matches: Match[], slot: string, active: Active, apps: readonly Registration[]): Match[] {
  return [
    ...matches.filter(
      ({ registration: { name, activation } }) => !activation || (active.has(name) && !active.get(name)),
    ),
    ...apps
      .filter(({ name }) => active.get(name) === slot)
      .map((registration) => ({ registration, route: { path: '*', slot, access: 'public' as const }, params: {} })),
  ];
}
