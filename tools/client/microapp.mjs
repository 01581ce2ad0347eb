/**
 * Builds one micro-app: `microapps/<name>/` -> `microapps/<name>/dist/`, a folder that `portico deploy` takes.
 *
 *     app.json            the app manifest; copied, with the version stamped (below)
 *     src/index.ts[x]     -> the manifest's `entry` (menu.js), chunks (chunk-HASH.js), and its imported css (menu.css)
 *     public/             copied as it is; address a file by `new URL('icon.svg', import.meta.url)`
 *
 * - `@portico/sdk` and everything under `imports.needs` (with subpaths) stay bare imports: the import map resolves them.
 *   All else is bundled.
 * - JSX is automatic, from `preact` or `react`, whichever the app needs.
 * - An app that shares libraries (`imports.shares`) gets them bundled as ES modules, see tools/client/shared.mjs.
 * - The version in dist/app.json is the one in app.json plus `+<digest of the built files>`: other bytes never
 *   claim the same version, which the deployer would refuse.
 */

import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { contentDigest, listFiles } from './digest.mjs';
import { BuildError, building } from './errors.mjs';
import { COMMON } from './options.mjs';
import { fromRoot } from './paths.mjs';
import { buildShares } from './shared.mjs';

const JSX_SOURCES = ['preact', 'react'];

/** Builds the app and returns a line that says what came out. */
export async function buildMicroApp(name, { required = false } = {}) {
  const folder = fromRoot('microapps', name);
  const missing = whatIsMissing(folder);
  if (missing && required) throw new BuildError(`${folder} ${missing}`);
  if (missing) return `skipped, it ${missing}`;

  const manifest = await readManifest(folder);
  const fresh = `${folder}/.dist-${process.pid}`;
  try {
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { recursive: true });
    if (existsSync(`${folder}/public`)) await cp(`${folder}/public`, fresh, { recursive: true });
    const shares = await buildShares(manifest.imports?.shares ?? {}, fresh);
    if (manifest.entry) await buildEntry(folder, manifest, fresh);
    checkNamedFiles(manifest, fresh);
    const version = `${manifest.version}+${await contentDigest(fresh)}`;
    const built = { ...manifest, version, ...(shares && { imports: { ...manifest.imports, shares } }) };
    await writeFile(`${fresh}/app.json`, `${JSON.stringify(built, null, 2)}\n`);
    const files = await listFiles(fresh);
    await rm(`${folder}/dist`, { recursive: true, force: true });
    await rename(fresh, `${folder}/dist`);
    return `${built.name} ${version}, ${files.length} files`;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

function whatIsMissing(folder) {
  if (!existsSync(`${folder}/app.json`)) return 'has no app.json yet';
  const sources = ['src/index.ts', 'src/index.tsx'].some((file) => existsSync(`${folder}/${file}`));
  const shares = readsShares(folder);
  return sources || shares ? undefined : 'has no src/index.ts or src/index.tsx yet';
}

function readsShares(folder) {
  return existsSync(`${folder}/app.json`) && !existsSync(`${folder}/src`);
}

async function readManifest(folder) {
  const file = `${folder}/app.json`;
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new BuildError(`${file} is not JSON: ${error.message}`);
  }
}

async function buildEntry(folder, manifest, outdir) {
  const source = ['index.tsx', 'index.ts'].map((file) => `${folder}/src/${file}`).find(existsSync);
  if (!manifest.entry.endsWith('.js')) throw new BuildError(`app.json: entry "${manifest.entry}" must end in .js`);
  const needs = Object.keys(manifest.imports?.needs ?? {});
  const jsxImportSource = JSX_SOURCES.find((library) => needs.includes(library));
  await building(() =>
    build({
      ...COMMON,
      entryPoints: [{ in: source, out: manifest.entry.slice(0, -'.js'.length) }],
      outdir,
      splitting: true,
      chunkNames: 'chunk-[hash]',
      assetNames: 'asset-[hash]',
      external: ['@portico/sdk', ...needs.flatMap((library) => [library, `${library}/*`])],
      jsx: 'automatic',
      ...(jsxImportSource && { jsxImportSource }),
    }),
  );
}

/** Every file that the manifest names must have been built or copied. */
function checkNamedFiles(manifest, outdir) {
  const icons = Object.values(manifest.mountPoints ?? {})
    .flat()
    .map((entry) => entry.icon)
    .filter((icon) => icon && !icon.includes(':'));
  const named = [manifest.entry, ...(manifest.styles ?? []), ...icons].filter(Boolean);
  const absent = named.filter((file) => !existsSync(`${outdir}/${file}`));
  if (absent.length) throw new BuildError(`app.json names ${absent.join(', ')}, which the build did not make`);
}
