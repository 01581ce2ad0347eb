/**
 * Bundles libraries that an app shares with all others (`imports.shares` in app.json) as ES modules with named exports.
 *
 * Each specifier becomes one file. Inside it, every *other* shared specifier stays a bare import, so that the page has one
 * copy of each library (two Reacts would break its hooks). CommonJS libraries (React) get one named export per key of
 * `module.exports`, read by loading the library here. The exact version of each library is read from node_modules, so that
 * the manifest cannot say another than what was bundled.
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { BuildError, building } from './errors.mjs';
import { COMMON } from './options.mjs';
import { fromRoot } from './paths.mjs';

const require = createRequire(fromRoot('package.json'));
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
const RESERVED = new Set(['default', '__esModule']);

/** Builds the shared libraries into `outdir`; returns `shares` with exact versions, or `undefined` without any. */
export async function buildShares(shares, outdir) {
  if (!Object.keys(shares).length) return undefined;
  const versions = await Promise.all(Object.keys(shares).map(async (name) => [name, await versionOf(name)]));
  const specifiers = Object.values(shares).flatMap(({ entries }) => Object.keys(entries));
  process.env.NODE_ENV = 'production'; // React's CommonJS entry chooses its build by it
  const entries = Object.values(shares).flatMap((share) => Object.entries(share.entries));
  await Promise.all(entries.map(([specifier, file]) => bundle(specifier, file, specifiers, outdir)));
  return Object.fromEntries(versions.map(([name, version]) => [name, { version, ...shares[name] }]));
}

async function versionOf(library) {
  try {
    return JSON.parse(await readFile(fromRoot('node_modules', library, 'package.json'), 'utf8')).version;
  } catch {
    throw new BuildError(`app.json shares ${library}, which is not installed`);
  }
}

async function bundle(specifier, file, specifiers, outdir) {
  await building(() =>
    build({
      ...COMMON,
      stdin: { contents: entrySource(specifier), resolveDir: fromRoot(''), sourcefile: `${specifier}.entry.js` },
      outfile: `${outdir}/${file}`,
      plugins: [keepBare(specifiers, specifier)],
    }),
  );
}

/** The source that re-exports a library. */
function entrySource(specifier) {
  const names = commonJsNames(specifier);
  if (!names) return `export * from '${specifier}';`;
  return `import library from '${specifier}';\nexport default library;\nexport const { ${names.join(', ')} } = library;\n`;
}

/** The names that a CommonJS module exports; `undefined` for an ES module, which names its own. */
function commonJsNames(specifier) {
  // As the bundler chooses among a package's builds: by its condition `import`.
  if (import.meta.resolve(specifier).endsWith('.mjs')) return undefined;
  return Object.keys(require(specifier)).filter((name) => IDENTIFIER.test(name) && !RESERVED.has(name));
}

/** Leaves imports of the other shared specifiers to the import map, also those that CommonJS code `require`s. */
function keepBare(specifiers, own) {
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
        resolveDir: fromRoot(''),
      }));
    },
  };
}
