import { fromRoot } from './paths.mjs';

/** What every browser build has in common. */
export const COMMON = {
  absWorkingDir: fromRoot(''),
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  sourcemap: 'linked',
  legalComments: 'linked',
  charset: 'utf8',
  metafile: true,
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
};
