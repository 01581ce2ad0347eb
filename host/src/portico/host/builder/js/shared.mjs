/**
 * Bundles libraries that an app shares with all others (`imports.shares` in app.json) as ES modules with named exports.
 *
 * Each specifier becomes one file. Inside it, every *other* shared specifier stays a bare import, so that the page has one
 * copy of each library (two Reacts would break its hooks). CommonJS libraries (React) get one named export per key of
 * `module.exports`, read by loading the library here. The exact version of each library is read from node_modules, so that
 * the manifest cannot say another than what was bundled.
 */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError, building } from './errors.mjs';
import { COMMON } from './options.mjs';

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const RESERVED = new Set(['default', '__esModule']);

/** Builds the shared libraries into `outdir`; returns `shares` with exact versions, or `undefined` without any. */
export async function buildShares(shares, outdir, toolchain) {
  if (!Object.keys(shares).length) return undefined;
  const versions = await Promise.all(Object.keys(shares).map(async (name) => [name, await versionOf(name, toolchain)]));
  const specifiers = Object.values(shares).flatMap(({ entries }) => Object.keys(entries));
  process.env.NODE_ENV = 'production'; // React's CommonJS entry chooses its build by it
  const entries = Object.values(shares).flatMap((share) => Object.entries(share.entries));
  await Promise.all(entries.map(([specifier, file]) => bundle({ specifier, file, specifiers, outdir, toolchain })));
  return Object.fromEntries(versions.map(([name, version]) => [name, { version, ...shares[name] }]));
}

/** The version of the library that the app finds; read from its folder, as `exports` may hide its package.json. */
async function versionOf(library, { folder, require }) {
  const folders = require.resolve.paths(library) ?? [];
  const file = folders.map((one) => join(one, library, 'package.json')).find((one) => existsSync(one));
  if (!file) throw new BuildError(`app.json shares ${library}, which is not installed: run npm install in ${folder}`);
  return JSON.parse(await readFile(file, 'utf8')).version;
}

async function bundle({ specifier, file, specifiers, outdir, toolchain }) {
  const { build } = toolchain.esbuild();
  const contents = await entrySource(specifier, toolchain);
  await building(() =>
    build({
      ...COMMON,
      absWorkingDir: toolchain.folder,
      stdin: { contents, resolveDir: toolchain.folder, sourcefile: `${specifier}.entry.js` },
      outfile: `${outdir}/${file}`,
      plugins: [keepBare(specifiers, specifier, toolchain.folder)],
    }),
  );
}

/** The source that re-exports a library. */
async function entrySource(specifier, toolchain) {
  const names = await commonJsNames(specifier, toolchain);
  if (!names) return `export * from '${specifier}';`;
  return `import library from '${specifier}';\nexport default library;\nexport const { ${names.join(', ')} } = library;\n`;
}

/** The names that a CommonJS module exports; `undefined` for an ES module, which names its own. */
async function commonJsNames(specifier, toolchain) {
  if ((await formatOf(specifier, toolchain)) === 'esm') return undefined;
  return Object.keys(toolchain.require(specifier)).filter((name) => IDENTIFIER.test(name) && !RESERVED.has(name));
}

/** `esm` or `cjs`: which of a package's builds the bundler takes is known to the bundler alone, so it is asked. */
async function formatOf(specifier, { esbuild, folder }) {
  const { metafile } = await esbuild().build({
    ...COMMON,
    absWorkingDir: folder,
    stdin: { contents: `import ${JSON.stringify(specifier)};`, resolveDir: folder, sourcefile: 'asked.js' },
    sourcemap: false,
    write: false,
    outdir: folder,
    plugins: [leaveNested(specifier)],
  });
  const [module] = metafile.inputs['asked.js'].imports;
  return metafile.inputs[module.path].format;
}

/** Looks at one module alone. */
function leaveNested(specifier) {
  return {
    name: 'leave-nested',
    setup(hooks) {
      hooks.onResolve({ filter: /.*/ }, ({ path, kind }) =>
        kind === 'entry-point' || path === specifier ? undefined : { path, external: true },
      );
    },
  };
}

/** Leaves imports of the other shared specifiers to the import map, also those that CommonJS code `require`s. */
function keepBare(specifiers, own, resolveDir) {
  const others = new Set(specifiers.filter((specifier) => specifier !== own));
  return {
    name: 'keep-bare',
    setup(hooks) {
      hooks.onResolve({ filter: /^[^./]/ }, ({ path, kind, namespace }) => {
        if (!others.has(path)) return undefined;
        // `require` cannot stay in an ES module: it goes through a module that imports.
        if (kind === 'require-call' && namespace !== 'bare') return { path, namespace: 'bare' };
        return { path, external: true };
      });
      hooks.onLoad({ filter: /.*/, namespace: 'bare' }, ({ path }) => ({
        contents: `export * from ${JSON.stringify(path)};`,
        resolveDir,
      }));
    },
  };
}
