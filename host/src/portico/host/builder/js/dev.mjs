#!/usr/bin/env node
/**
 * `portico dev`: builds one app again and again. A line on standard input asks for a build; a line of JSON on standard
 * output answers it, in the order of the questions.
 *
 *     dev.mjs APP_FOLDER OUTPUT_FOLDER
 *
 * - Built: `{number, ms, entry, styles: [path], code, files, since, why}`. The files are in `OUTPUT_FOLDER/<number>/`; `code`
 *   is a digest of all but style sheets and source maps, so that who compares two knows whether only the looks changed.
 *   A page that has build `since` or a later one keeps its state (Fast Refresh); where none can, `why` says why not.
 * - Not built: `{ms, errors: [{text, file, line, column, lineText}]}`; what is in the output folder stays.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { BuildError } from './errors.mjs';
import { entryOptions, jsxSource } from './microapp.mjs';
import { checkNames } from './named-files.mjs';
import { History } from './refresh/history.mjs';
import { fastRefresh } from './refresh/plugin.mjs';
import { Toolchain } from './toolchain.mjs';

/** Builds that pages may still be loading chunks of. */
const KEPT = 5;

const [folder, output] = process.argv.slice(2).map((path) => resolve(path));
const toolchain = new Toolchain(folder);
/** Never one that a page has seen before this command was started anew: it has that build's modules still. */
let number = Date.now();
let context;
let contextOf;
let refresh;
let history;

for await (const _line of createInterface({ input: process.stdin })) {
  const began = performance.now();
  const answer = await build().catch(failure);
  process.stdout.write(`${JSON.stringify({ ...answer, ms: Math.round(performance.now() - began) })}\n`);
}
await context?.dispose();

async function build() {
  const text = await readFile(`${folder}/app.json`, 'utf8');
  const manifest = parsed(text);
  if (!manifest.entry) throw new BuildError('app.json names no entry, so there is nothing to show');
  checkNames(manifest);
  if (contextOf !== text) await renew(manifest, text);
  const { outputFiles, metafile } = await context.rebuild();
  number += 1;
  const target = `${output}/${number}`;
  if (existsSync(`${folder}/public`)) await cp(`${folder}/public`, target, { recursive: true });
  const files = outputFiles.map(({ path, contents }) => ({ path: relative(`${folder}/dist`, path), contents }));
  await Promise.all(files.map(({ path, contents }) => write(`${target}/${path}`, contents)));
  await rm(`${output}/${number - KEPT}`, { recursive: true, force: true });
  const styles = (manifest.styles ?? []).filter((path) => existsSync(`${target}/${path}`));
  const kept = await history.add(number, refresh, metafile.inputs);
  return { number, entry: manifest.entry, styles, code: codeOf(files), files: files.length, ...kept };
}

/** The bundler keeps what it has parsed from one build to the next, as long as app.json is the same. */
async function renew(manifest, text) {
  await context?.dispose();
  contextOf = context = undefined;
  const options = await entryOptions(manifest, toolchain);
  refresh = fastRefresh(manifest, await jsxSource(manifest, toolchain), toolchain);
  history = new History();
  context = await toolchain.esbuild().context({
    ...options,
    outdir: `${folder}/dist`, // nothing is written there; source maps name their sources relative to it
    write: false,
    minify: false,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [...options.plugins, ...(refresh.plugin ? [refresh.plugin] : [])],
    define: { ...options.define, 'process.env.NODE_ENV': '"development"', __VUE_PROD_DEVTOOLS__: 'true' },
  });
  contextOf = text;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BuildError(`app.json is not JSON: ${error.message}`);
  }
}

async function write(file, contents) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contents);
}

function codeOf(files) {
  const hash = createHash('sha256');
  for (const { path, contents } of files) if (!/\.(css|map)$/.test(path)) hash.update(`${path}\0`).update(contents);
  return hash.digest('hex').slice(0, 16);
}

function failure(error) {
  if (Array.isArray(error?.errors)) return { errors: error.errors.map(place) };
  return { errors: [{ text: error instanceof BuildError ? error.message : String(error?.stack ?? error) }] };
}

function place({ text, location }) {
  if (!location) return { text };
  const { file, line, column, lineText } = location;
  return { text, file, line, column, lineText };
}
