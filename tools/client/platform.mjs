/** Builds the sdk, the runtime, the service worker and the shell's style sheet into the host's package. */

import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { BuildError, building } from './errors.mjs';
import { COMMON } from './options.mjs';
import { fromRoot } from './paths.mjs';
import { replacing } from './replacing.mjs';

/** What runtime and sdk may weigh together, in bytes of gzip. */
export const BUDGET = 8 * 1024;

/** What the service worker may weigh, in bytes of gzip. */
export const WORKER_BUDGET = 25 * 1000;

/** Where the host looks for the built files. */
export const STATIC = fromRoot('host/src/portico/host/static');

/** Builds all of it into `target` and returns a line that says what it weighs. */
export async function buildPlatform(target = STATIC) {
  return replacing(target, buildInto);
}

const CLIENT = 'host/client';

/** The modules of the page: what each is built from, and which other modules it leaves to the import map. */
const MODULES = {
  // The sdk is in it: one request for what every page needs, and `@portico/sdk` means this very module.
  runtime: { source: `${CLIENT}/runtime/main.ts`, external: ['@portico/runtime/later'] },
  offline: { source: `${CLIENT}/sdk/offline/public.ts`, external: ['@portico/sdk'] },
  flags: { source: `${CLIENT}/sdk/flags/public.ts`, external: ['@portico/sdk'] },
  i18n: { source: `${CLIENT}/sdk/i18n/public.ts`, external: ['@portico/sdk/i18n/icu'] },
  icu: { source: `${CLIENT}/sdk/i18n/icu.ts`, external: [] },
  log: { source: `${CLIENT}/sdk/log/public.ts`, external: ['@portico/sdk'] },
  later: {
    source: `${CLIENT}/runtime/later.ts`,
    external: ['@portico/sdk', '@portico/sdk/log', '@portico/sdk/offline', '@portico/runtime/overlay'],
  },
  overlay: {
    source: `${CLIENT}/runtime/overlay/entry.ts`,
    external: ['@portico/sdk', '@portico/sdk/flags', '@portico/sdk/offline'],
  },
  // Not the host's: `portico dev` serves it, beside the app that is worked on.
  dev: { source: `${CLIENT}/dev/client.ts`, external: ['@portico/sdk'] },
};

async function buildInto(outdir) {
  const modules = Object.entries(MODULES).map(([out, { source, external }]) =>
    build({ ...COMMON, entryPoints: [{ in: fromRoot(source), out }], external, outdir }),
  );
  // A classic script: not every browser registers module workers.
  const worker = {
    ...COMMON,
    format: 'iife',
    entryPoints: [{ in: fromRoot(CLIENT, 'worker/entry.ts'), out: 'worker' }],
  };
  const style = { ...COMMON, entryPoints: [{ in: fromRoot(CLIENT, 'shell.css'), out: 'shell' }] };
  await building(() => Promise.all([...modules, build({ ...worker, outdir }), build({ ...style, outdir })]));
  const [runtime, offline, workerSize] = await Promise.all(
    ['runtime', 'offline', 'worker'].map((name) => gzipSizeOf(`${outdir}/${name}.js`)),
  );
  const line = `runtime and sdk ${runtime} of ${BUDGET} bytes gzip, offline ${offline}, worker ${workerSize} of ${WORKER_BUDGET}`;
  if (runtime > BUDGET || workerSize > WORKER_BUDGET) throw new BuildError(`over budget: ${line}`);
  return line;
}

async function gzipSizeOf(file) {
  return gzipSync(await readFile(file), { level: 9 }).length;
}
