/**
 * Builds one micro-app: `microapps/<name>/` -> `microapps/<name>/dist/`, a folder that `portico deploy` takes.
 *
 *     app.json            the app manifest; copied, with the version stamped, see below
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
import { cp, readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { contentDigest, listFiles } from './digest.mjs';
import { BuildError, building } from './errors.mjs';
import { COMMON } from './options.mjs';
import { replacing } from './replacing.mjs';
import { buildShares } from './shared.mjs';

const JSX_SOURCES = ['preact', 'react'];

/**
 * Builds the app in `folder` and returns a line that says what came out.
 *
 * @param required whether an app that has nothing to build yet is an error; otherwise it is skipped
 */
export async function buildMicroApp(folder, { required = false } = {}) {
  const missing = whatIsMissing(folder);
  if (missing && required) throw new BuildError(`${folder} ${missing}`);
  if (missing) return `skipped, it ${missing}`;
  const manifest = await readManifest(folder);
  return replacing(`${folder}/dist`, (outdir) => buildInto(outdir, folder, manifest));
}

async function buildInto(outdir, folder, manifest) {
  if (existsSync(`${folder}/public`)) await cp(`${folder}/public`, outdir, { recursive: true });
  const shares = await buildShares(manifest.imports?.shares ?? {}, outdir);
  if (manifest.entry) await buildEntry(folder, manifest, outdir);
  checkNamedFiles(manifest, outdir);
  const version = `${manifest.version}+${await contentDigest(outdir)}`;
  const built = { ...manifest, version, ...(shares && { imports: { ...manifest.imports, shares } }) };
  await writeFile(`${outdir}/app.json`, `${JSON.stringify(built, null, 2)}\n`);
  return `${built.name} ${version}, ${(await listFiles(outdir)).length} files`;
}

function whatIsMissing(folder) {
  if (!existsSync(`${folder}/app.json`)) return 'has no app.json yet';
  return existsSync(`${folder}/src`) && !sourceOf(folder) ? 'has no src/index.ts or src/index.tsx yet' : undefined;
}

function sourceOf(folder) {
  return ['index.tsx', 'index.ts'].map((file) => `${folder}/src/${file}`).find((file) => existsSync(file));
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
  const source = sourceOf(folder);
  if (!source) throw new BuildError(`${folder} names an entry and has no src/index.ts or src/index.tsx`);
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
      external: ['@portico/sdk', '@portico/sdk/offline', ...needs.flatMap((library) => [library, `${library}/*`])],
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
