// Builds React 18 for an import map, as tools/client/shared.mjs does with the versions that are installed under their own
// names: node react-18.mjs FOLDER

import { createRequire } from 'node:module';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
process.env.NODE_ENV = 'production';
const MODULES = [
  ['react-18', 'react.js', Object.keys(require('react-18'))],
  ['react-dom-18/client', 'react-dom-client.js', ['createRoot', 'hydrateRoot']],
];

const react18 = {
  name: 'react-18',
  setup(hooks) {
    hooks.onResolve({ filter: /^react$/ }, ({ path, namespace }) =>
      namespace === 'bare' ? { path, external: true } : { path, namespace: 'bare' },
    );
    hooks.onLoad({ filter: /.*/, namespace: 'bare' }, () => ({ contents: `export * from 'react';` }));
    hooks.onResolve({ filter: /^react-dom$/ }, () => ({ path: require.resolve('react-dom-18') }));
  },
};

for (const [library, file, names] of MODULES) {
  const contents = `import library from '${library}';\nexport default library;\nexport const { ${names} } = library;\n`;
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    outfile: `${process.argv[2]}/${file}`,
    bundle: true,
    format: 'esm',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [react18],
  });
}
