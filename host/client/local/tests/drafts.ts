/** What tests of the outbox begin with: a world that is closed after the test, and commands to give it. */

import { afterEach } from 'vitest';
import type { Draft, EntryEvent } from '../public.ts';
import { World } from './world.ts';

export const DAY_MS = 24 * 3_600_000;

const open: World[] = [];
afterEach(() => {
  for (const world of open.splice(0)) world.close();
});

export function world(): World {
  const made = new World();
  open.push(made);
  return made;
}

export const draft = (body: unknown = {}, more: Partial<Draft> = {}): Draft => ({
  app: 'things',
  describe: 'Do it',
  url: '/api/things/do',
  body,
  ...more,
});

export const inLane = (body: unknown = {}, more: Partial<Draft> = {}): Draft =>
  draft(body, { lane: 'thing-1', ...more });

/** The states of what waits. */
export const states = async ({ outbox }: World) => (await outbox.entries()).map(({ state }) => state);

/** What was told of commands that are over. */
export const ends = ({ hub }: World) =>
  hub.heard
    .filter((event): event is EntryEvent => event.kind === 'entry')
    .filter(({ state }) => state === 'acknowledged' || state === 'discarded');
