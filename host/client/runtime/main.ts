/** The page's only script: the sdk, which apps import from here, and the runtime, which it starts. */

import { allowEmptying } from './emptying.ts';
import { start } from './runtime.ts';

export * from '@portico/sdk';

start();
allowEmptying();
