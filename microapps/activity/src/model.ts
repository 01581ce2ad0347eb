/** What the page says, and which of the platform's elements stand where. */

import type { Say } from './say.ts';

/** One part of the page: a heading, a sentence, and the element that does the work. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly text: string;
  readonly element: 'portico-queue' | 'portico-inbox' | 'portico-push';
}

export interface Contents {
  readonly title: string;
  readonly lead: string;
  /** What leads to signing in, and to where one is signed in. */
  readonly signIn: string;
  readonly sessions: string;
  readonly sections: readonly Section[];
  /** Whether there is a person to show anything of. */
  readonly signedIn: boolean;
}

const ELEMENTS = {
  waiting: 'portico-queue',
  messages: 'portico-inbox',
  notifications: 'portico-push',
} as const;

/** The page for a person, or for nobody: what is kept here is shown to nobody but who saved it. */
export function contents(signedIn: boolean, say: Say): Contents {
  const common = { title: say('title'), signIn: say('signIn'), sessions: say('sessions'), signedIn };
  if (!signedIn) return { ...common, lead: say('lead'), sections: [] };
  const ids = Object.keys(ELEMENTS) as (keyof typeof ELEMENTS)[];
  const sections = ids.map((id) => ({ id, heading: say(id), text: say(`${id}Text`), element: ELEMENTS[id] }));
  return { ...common, lead: '', sections };
}
