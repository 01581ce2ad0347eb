/**
 * The sdk as an npm package, which `portico new` puts beside an app: its types for the compiler, and its code for tests of
 * the app alone. In a page the platform's own copy answers the same imports.
 */

import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { BuildError, building } from './errors.mjs';
import { COMMON } from './options.mjs';
import { fromRoot } from './paths.mjs';
import { replacing } from './replacing.mjs';

const TARGET = fromRoot('host/src/portico/host/scaffold/sdk');
const TYPES = fromRoot('.build/types');

/** Builds it and returns a line that says what came out. */
export function buildSdkPackage(target = TARGET) {
  return replacing(target, buildInto);
}

async function buildInto(outdir) {
  const source = JSON.parse(await readFile(fromRoot('host/client/sdk/package.json'), 'utf8'));
  const entries = Object.entries(source.exports).map(([name, file]) => ({ name, file, out: outOf(name) }));
  await Promise.all([buildModules(entries, outdir), copyTypes(outdir)]);
  const exports = Object.fromEntries(
    entries.map(({ name, file, out }) => [
      name,
      { types: `./types/sdk/${file.slice(2).replace(/\.ts$/, '.d.ts')}`, default: `./${out}.js` },
    ]),
  );
  const { name, version } = source;
  const described = { name, version, private: true, type: 'module', exports };
  await writeFile(join(outdir, 'package.json'), `${JSON.stringify(described, null, 2)}\n`);
  return `${name} ${version}, ${entries.length} entries`;
}

const outOf = (name) => (name === '.' ? 'sdk' : name.slice(2));

/** One build for all entries, so that what they share is one module in a test as it is in a page. */
function buildModules(entries, outdir) {
  return building(() =>
    build({
      ...COMMON,
      minify: false,
      sourcemap: false,
      splitting: true,
      chunkNames: 'shared-[hash]',
      entryPoints: entries.map(({ file, out }) => ({ in: fromRoot('host/client/sdk', file), out })),
      outdir,
    }),
  );
}

async function copyTypes(outdir) {
  // What is wrong with the types is `make check`'s to say; they are written all the same.
  const tsc = fromRoot('node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '--build', fromRoot('host/client/sdk')]).catch(() => {});
  for (const part of ['sdk', 'local']) {
    const files = await readdir(join(TYPES, part), { recursive: true }).catch(() => []);
    if (!files.includes('public.d.ts'))
      throw new BuildError(`there are no types of ${part}; run tsc --build for its errors`);
    const wanted = files.filter((file) => file.endsWith('.d.ts') && !file.startsWith('tests'));
    await Promise.all(
      wanted.map((file) => copyType(join(TYPES, part, file), join(outdir, 'types', part, file), outdir)),
    );
  }
}

/** Copies a file of types; what it takes from the private package `@portico/local` is beside it. */
async function copyType(from, to, outdir) {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
  const text = await readFile(to, 'utf8');
  const local = relative(dirname(to), join(outdir, 'types/local/public.ts'));
  const own = text.replaceAll(/(['"])@portico\/local\1/g, `'${local.startsWith('.') ? local : `./${local}`}'`);
  await writeFile(to, own.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, '\n'));
}
