#!/usr/bin/env node
/**
 * Builds the browser code.
 *
 *     node tools/build.mjs             everything
 *     node tools/build.mjs --app menu  one micro-app: a folder of microapps/, or a path; may be given again
 *
 * The platform: `host/client/{sdk,runtime}` become `host/src/portico/host/static/runtime.js`, and their later parts files beside it.
 * A micro-app: see host/src/portico/host/builder/js/microapp.mjs. Source maps stand beside what they describe (`x.js.map`).
 */

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BuildError } from './client/errors.mjs';
import { buildMicroApp } from './client/microapp.mjs';
import { fromRoot } from './client/paths.mjs';
import { buildPlatform } from './client/platform.mjs';
import { buildSdkPackage } from './client/sdk-package.mjs';

const { values } = parseArgs({ options: { app: { type: 'string', multiple: true } } });

const began = performance.now();
const jobs = values.app
  ? values.app.map((name) => ({ name, run: () => buildMicroApp(folderOf(name), { required: true }) }))
  : [
      { name: 'platform', run: () => buildPlatform() },
      { name: 'sdk', run: () => buildSdkPackage() },
      ...microApps().map((name) => ({ name, run: () => buildMicroApp(folderOf(name)) })),
    ];

const results = await Promise.allSettled(jobs.map(({ run }) => run()));
results.forEach((result, index) => {
  const { name } = jobs[index];
  if (result.status === 'fulfilled') {
    console.log(`${name}: ${result.value}`);
  } else {
    process.exitCode = 1;
    const known = result.reason instanceof BuildError;
    console.error(`${name}: FAILED\n${known ? result.reason.message : (result.reason?.stack ?? result.reason)}`);
  }
});
console.log(`${process.exitCode ? 'not built' : 'built'} in ${Math.round(performance.now() - began)} ms`);

function folderOf(name) {
  return name.includes('/') ? resolve(name) : fromRoot('microapps', name);
}

function microApps() {
  return readdirSync(fromRoot('microapps'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
