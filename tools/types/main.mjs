#!/usr/bin/env node
/**
 * TypeScript of what a micro-app's app.json names: messages, and the contract of its BFF.
 *
 *     portico-types DIR          writes DIR/src/portico/
 *     portico-types DIR --check  says what is not as it would be written; exit code 1
 */

import { parseArgs } from 'node:util';
import { files } from './files.mjs';
import { differing, write } from './folder.mjs';
import { Refusal } from './refusal.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: 'boolean' } } });
const folder = positionals[0] ?? '.';

try {
  const made = await files(folder);
  const out = `${folder}/src/portico`;
  const changed = await differing(out, made);
  if (!values.check) await write(out, made);
  else if (changed.length)
    throw new Refusal(`${changed.join(', ')}: not as app.json says; run portico types ${folder}`);
  console.log(JSON.stringify({ folder: out, files: Object.keys(made).sort(), changed }));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
