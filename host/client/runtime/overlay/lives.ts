/** What the performance timeline says of the apps of a page. Pure. */

import type { AppState } from '@portico/sdk';

/** As much of a `PerformanceMark` as is needed. */
export interface Mark {
  readonly name: string;
  /** In ms since the page began. */
  readonly startTime: number;
}

/** An app's life in one slot. */
export interface Life {
  /** The slot; `null` when it is the app's only one. */
  readonly slot: string | null;
  readonly state: AppState;
  /** When the app entered this state, ms since the page began. */
  readonly since: number;
  /** From asking for its code to having it bootstrapped, ms; `null` when it was there already. */
  readonly loadMs: number | null;
  /** From bootstrapped to mounted, ms: with the wait for its turn. */
  readonly mountMs: number | null;
}

/** The lives of each app, from the runtime's marks `portico:<app>[#<slot>]:<state>`. */
export function livesOf(marks: readonly Mark[]): ReadonlyMap<string, readonly Life[]> {
  const times = new Map<string, Map<AppState, number>>();
  for (const { name, startTime } of marks) {
    const found = /^portico:(.+):([a-z]+)$/.exec(name);
    if (!found?.[1] || !found[2]) continue;
    const own = times.get(found[1]) ?? new Map<AppState, number>();
    times.set(found[1], own.set(found[2] as AppState, startTime));
  }
  const lives = new Map<string, readonly Life[]>();
  for (const [place, own] of times) {
    const [app = place, slot = null] = place.split('#');
    lives.set(app, [...(lives.get(app) ?? []), life(slot, own)]);
  }
  return lives;
}

function life(slot: string | null, times: ReadonlyMap<AppState, number>): Life {
  const latest = [...times].reduce((a, b) => (b[1] >= a[1] ? b : a));
  return {
    slot,
    state: latest[0],
    since: latest[1],
    loadMs: between(times.get('loading'), times.get('bootstrapped')),
    mountMs: between(times.get('bootstrapped') ?? times.get('unmounted'), times.get('mounted')),
  };
}

function between(from: number | undefined, to: number | undefined): number | null {
  return from === undefined || to === undefined || to < from ? null : to - from;
}
