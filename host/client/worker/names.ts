/** What the worker's caches are called. */

import { KEPT_ANSWERS } from '@portico/local';

/** Immutable files, of every revision that is in use. */
export const ASSETS = 'portico-assets';
/** Each person's document and list of what is kept, and lists that are on their way out. */
export const CONTENTS = 'portico-contents';
/** Small facts about open pages. */
export const PAGES = 'portico-pages';

/** Stands for nobody where a person's hash would stand. */
export const NOBODY = 'nobody';

/** A person's kept answers of one app. */
export function readsOf(person: string, app: string): string {
  return `${KEPT_ANSWERS}${person}:${app}`;
}

/** Whether a cache holds kept answers; with `person`, theirs. */
export function holdsReads(name: string, person?: string): boolean {
  return name.startsWith(person === undefined ? KEPT_ANSWERS : `${KEPT_ANSWERS}${person}:`);
}
