/** Where the platform's own pages are. */

import { boot } from '@portico/sdk';

const ACTIVITY = '/activity';

/** The page that shows what waits and what came; `null` when no app of this site shows it. */
export function activityUrl(): string | null {
  return boot().apps.some(({ routes }) => routes.some(({ path }) => path === ACTIVITY)) ? ACTIVITY : null;
}
