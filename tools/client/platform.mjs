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
  sdk: { source: `${CLIENT}/sdk/public.ts`, external: [] },
  offline: { source: `${CLIENT}/sdk/offline/public.ts`, external: ['@portico/sdk'] },
  connect: { source: `${CLIENT}/sdk/offline/connect.ts`, external: ['@portico/sdk', '@portico/sdk/offline'] },
  runtime: { source: `${CLIENT}/runtime/main.ts`, external: ['@portico/sdk'] },
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
  const [sdk, runtime, offline, workerSize] = await Promise.all(
    ['sdk', 'runtime', 'offline', 'worker'].map((name) => gzipSizeOf(`${outdir}/${name}.js`)),
  );
  const line = `sdk ${sdk} + runtime ${runtime} = ${sdk + runtime} of ${BUDGET} bytes gzip, offline ${offline}, worker ${workerSize} of ${WORKER_BUDGET}`;
  if (sdk + runtime > BUDGET || workerSize > WORKER_BUDGET) throw new BuildError(`over budget: ${line}`);
  return line;
}

async function gzipSizeOf(file) {
  return gzipSync(await readFile(file), { level: 9 }).length;
}
