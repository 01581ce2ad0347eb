/**
 * Builds one micro-app: a folder with `app.json` and `src/` -> its folder `dist/`, which `portico deploy` takes.
 *
 *     app.json            the app manifest; copied, with the version stamped, see below
 *     src/index.ts[x]     -> the manifest's `entry` (shop.js), chunks (chunk-HASH.js), and its imported css (shop.css)
 *     public/             copied as it is; address a file by `new URL('icon.svg', import.meta.url)`
 *     any file that the manifest names and the build does not make (contracts, schemas) -> the same path
 *
 * - `@portico/...` and everything under `imports.needs` (with subpaths) stay bare imports: the import map resolves them.
 *   All else is bundled.
 * - JSX is automatic, from `preact` or `react`, whichever the app needs or has installed; `.vue` and `.svelte` files are
 *   compiled by what the app has installed, see frameworks.mjs.
 * - An app that shares libraries (`imports.shares`) gets them bundled as ES modules, see shared.mjs.
 * - The version in dist/app.json is the one in app.json plus `+<digest of the built files>`: other bytes never
 *   claim the same version, which the deployer would refuse.
 */

import { existsSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { contentDigest, listFiles } from './digest.mjs';
import { BuildError, building } from './errors.mjs';
import { frameworkPlugins, listedPackages } from './frameworks.mjs';
import { checkNames, namedFiles } from './named-files.mjs';
import { COMMON } from './options.mjs';
import { replacing } from './replacing.mjs';
import { buildShares } from './shared.mjs';
import { Toolchain } from './toolchain.mjs';

const JSX_SOURCES = ['preact', 'react'];

/**
 * Builds the app in `folder` and returns a line that says what came out.
 *
 * @param required whether an app that has nothing to build yet is an error; otherwise it is skipped
 */
export async function buildMicroApp(given, { required = false } = {}) {
  const folder = resolve(given);
  const missing = whatIsMissing(folder);
  if (missing && required) throw new BuildError(`${folder} ${missing}`);
  if (missing) return `skipped, it ${missing}`;
  const manifest = await readManifest(folder);
  checkNames(manifest);
  return replacing(`${folder}/dist`, (outdir) => buildInto(outdir, folder, manifest));
}

async function buildInto(outdir, folder, manifest) {
  const toolchain = new Toolchain(folder);
  if (existsSync(`${folder}/public`)) await cp(`${folder}/public`, outdir, { recursive: true });
  const shares = await buildShares(manifest.imports?.shares ?? {}, outdir, toolchain);
  if (manifest.entry) await buildEntry(manifest, outdir, toolchain);
  await completeNamedFiles(manifest, folder, outdir);
  const version = `${manifest.version}+${await contentDigest(outdir)}`;
  const built = { ...manifest, version, ...(shares && { imports: { ...manifest.imports, shares } }) };
  await writeFile(`${outdir}/app.json`, `${JSON.stringify(built, null, 2)}\n`);
  return `${built.name} ${version}, ${(await listFiles(outdir)).length} files`;
}

function whatIsMissing(folder) {
  if (!existsSync(`${folder}/app.json`)) return 'has no app.json yet';
  return existsSync(`${folder}/src`) && !sourceOf(folder) ? 'has no src/index.ts, .tsx, .js or .jsx yet' : undefined;
}

function sourceOf(folder) {
  return ['index.tsx', 'index.ts', 'index.jsx', 'index.js']
    .map((file) => `${folder}/src/${file}`)
    .find((file) => existsSync(file));
}

async function readManifest(folder) {
  const file = `${folder}/app.json`;
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new BuildError(`${file} is not JSON: ${error.message}`);
  }
}

async function buildEntry(manifest, outdir, toolchain) {
  const options = await entryOptions(manifest, toolchain);
  await building(() => toolchain.esbuild().build({ ...options, outdir }));
}

/** The bundler's options for the app's entry, all but where to write; throws a `BuildError` when there is no entry. */
export async function entryOptions(manifest, toolchain) {
  const source = sourceOf(toolchain.folder);
  if (!source) throw new BuildError(`${toolchain.folder} names an entry and has no src/index.ts, .tsx, .js or .jsx`);
  if (!manifest.entry.endsWith('.js')) throw new BuildError(`app.json: entry "${manifest.entry}" must end in .js`);
  const needs = Object.keys(manifest.imports?.needs ?? {});
  const jsxImportSource = await jsxSource(manifest, toolchain);
  return {
    ...COMMON,
    absWorkingDir: toolchain.folder,
    entryPoints: [{ in: source, out: manifest.entry.slice(0, -'.js'.length) }],
    splitting: true,
    chunkNames: 'chunk-[hash]',
    assetNames: 'asset-[hash]',
    loader: { '.graphql': 'text' },
    external: ['@portico/*', ...needs.flatMap((library) => [library, `${library}/*`])],
    plugins: await frameworkPlugins(toolchain),
    jsx: 'automatic',
    ...(jsxImportSource && { jsxImportSource }),
  };
}

/** The framework that JSX is for, if there is one. */
export async function jsxSource(manifest, toolchain) {
  const needs = Object.keys(manifest.imports?.needs ?? {});
  const listed = await listedPackages(toolchain.folder);
  return JSX_SOURCES.find((library) => needs.includes(library) || listed.has(library));
}

/** Copies what the manifest names, is not built and lies in the folder; the rest must have been built or copied. */
async function completeNamedFiles(manifest, folder, outdir) {
  const absent = namedFiles(manifest).filter((file) => !existsSync(`${outdir}/${file}`));
  const nowhere = absent.filter((file) => !existsSync(join(folder, file)));
  if (nowhere.length) throw new BuildError(`app.json names ${nowhere.join(', ')}, which the build did not make`);
  await Promise.all(absent.map((file) => cp(join(folder, file), join(outdir, file))));
}
