#!/usr/bin/env node
/** `portico build`: builds the micro-app in the folder that is given; says what came out, or what is wrong. */

import { BuildError } from './errors.mjs';
import { buildMicroApp } from './microapp.mjs';

try {
  console.log(await buildMicroApp(process.argv[2] ?? '.', { required: true }));
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof BuildError ? error.message : error);
}
