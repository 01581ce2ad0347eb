/** The caches of answers that apps have read. The worker fills them; on a full device they give way to what must not be lost. */

/** What the names of these caches begin with; then come the person's hash and the app. */
export const KEPT_ANSWERS = 'portico-reads:';

/** Drops everybody's kept answers: they can be read again, a command cannot be made again. */
export async function dropKeptAnswers(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(KEPT_ANSWERS)) await caches.delete(name);
}
