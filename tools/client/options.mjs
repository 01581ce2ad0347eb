import { COMMON as APPS } from '../../host/src/portico/host/builder/js/options.mjs';
import { fromRoot } from './paths.mjs';

/** What every build of the platform's own modules has in common. */
export const COMMON = { ...APPS, absWorkingDir: fromRoot('') };
