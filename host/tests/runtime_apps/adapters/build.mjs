// Builds the apps of this folder as a team's are built: node build.mjs FOLDER

import { readdirSync } from 'node:fs';
import { build } from 'esbuild';
import { frameworkPlugins } from '../../../src/portico/host/builder/js/frameworks.mjs';
import { COMMON } from '../../../src/portico/host/builder/js/options.mjs';
import { Toolchain } from '../../../src/portico/host/builder/js/toolchain.mjs';

const folder = import.meta.dirname;
const entries = readdirSync(folder).filter((name) => /\.jsx?$/.test(name) && name !== 'recorded.js');

await build({
  ...COMMON,
  absWorkingDir: folder,
  entryPoints: entries.map((name) => `${folder}/${name}`),
  outdir: process.argv[2],
  sourcemap: false,
  legalComments: 'none',
  jsx: 'automatic',
  external: ['@site/*', 'react', 'react/*', 'react-dom/*', 'vue'],
  plugins: await frameworkPlugins(new Toolchain(folder)),
});
