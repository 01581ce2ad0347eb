/** Builds the sdk, the runtime and the shell's style sheet into the host's package. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { BuildError, building } from './errors.mjs';
import { COMMON } from './options.mjs';
import { fromRoot } from './paths.mjs';
import { replacing } from './replacing.mjs';

/** What runtime and sdk may weigh together, in bytes of gzip. */
export const BUDGET = 8 * 1024;

/** Where the host looks for the built files. */
export const STATIC = fromRoot('host/src/portico/host/static');

/** Builds all of it into `target` and returns a line that says what it weighs. */
export async function buildPlatform(target = STATIC) {
  return replacing(target, buildInto);
}

async function buildInto(outdir) {
  const style = fromRoot('host/client/shell.css');
  await building(() =>
    Promise.all([
      build({ ...COMMON, entryPoints: [{ in: fromRoot('host/client/sdk/public.ts'), out: 'sdk' }], outdir }),
      build({
        ...COMMON,
        entryPoints: [{ in: fromRoot('host/client/runtime/main.ts'), out: 'runtime' }],
        external: ['@portico/sdk'],
        outdir,
      }),
      existsSync(style) && build({ ...COMMON, entryPoints: [{ in: style, out: 'shell' }], outdir }),
    ]),
  );
  const sizes = await platformSizes(outdir);
  const total = sizes.sdk + sizes.runtime;
  const line = `sdk ${sizes.sdk} + runtime ${sizes.runtime} = ${total} of ${BUDGET} bytes gzip`;
  if (total > BUDGET) throw new BuildError(`over budget: ${line}`);
  return line;
}

/** The gzip size of each built module, in bytes. */
async function platformSizes(outdir) {
  const size = async (name) => gzipSync(await readFile(`${outdir}/${name}.js`), { level: 9 }).length;
  return { sdk: await size('sdk'), runtime: await size('runtime') };
}
