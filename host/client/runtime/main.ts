/** The page's only script: starts the runtime. */

import { start } from './runtime.ts';

start();
