/**
 * Fast Refresh under `portico dev`, for Preact and React: components of a new build take the place of the old ones in the
 * tree that is on screen, with their state.
 *
 * - The app's modules go through the framework's own Babel plugin, in the version that the app has installed: it names
 *   components, and tells which hooks each calls.
 * - Each build is a bundle of its own, and hooks work with one copy of their framework alone. So the framework, and
 *   packages that are made for it, are evaluated with the first build that has them; later builds take them from there.
 */

import { readFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageOf } from '../toolchain.mjs';
import { Packages } from './packages.mjs';
import { Transform } from './transform.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));

/** What each framework needs; `packages` are its own. */
const FRAMEWORKS = {
  preact: {
    packages: ['preact'],
    runtime: '@prefresh/core',
    babelPlugin: '@prefresh/babel-plugin',
    inPage: 'preact.mjs',
  },
  react: {
    packages: ['react', 'react-dom'],
    runtime: 'react-refresh/runtime',
    babelPlugin: 'react-refresh/babel',
    inPage: 'react.mjs',
  },
};

/** What there is of it for this app: `plugin` with what it knows of its modules, or `why` there is none, or nothing. */
export function fastRefresh(manifest, framework, toolchain) {
  const wanted = FRAMEWORKS[framework];
  if (!wanted) return {};
  // The page's React is one for production, which cannot; Preact is the same for both.
  const shared = framework === 'react' && Object.keys(manifest.imports?.needs ?? {}).includes('react');
  if (shared) return { why: 'the React that the page shares is built for production, which has no Fast Refresh' };
  const missing = ['@babel/core', wanted.babelPlugin, wanted.runtime].filter((one) => !toolchain.has(one));
  const packages = [...new Set(missing.map(packageOf))];
  if (packages.length) return { why: `install ${packages.join(' ')} (npm install --save-dev)` };
  return new FastRefresh(manifest.name, wanted, toolchain);
}

class FastRefresh {
  constructor(app, framework, toolchain) {
    this.app = app;
    this.framework = framework;
    this.folder = toolchain.folder;
    this.transform = new Transform(toolchain.load('@babel/core'), toolchain.load(framework.babelPlugin));
    this.packages = new Packages(framework.packages);
  }

  /** The expression for what the page keeps of this app. */
  get kept() {
    return `((globalThis[Symbol.for("portico.dev")] ??= {})[${JSON.stringify(this.app)}] ??= {})`;
  }

  plugin = {
    name: 'fast-refresh',
    setup: (hooks) => {
      hooks.onStart(() => this.packages.forget());
      this.#serveRuntime(hooks);
      this.#keepPackages(hooks);
      this.#namedComponents(hooks);
    },
  };

  #serveRuntime(hooks) {
    hooks.onResolve({ filter: /^portico:refresh$/ }, ({ path }) => ({ path, namespace: 'portico' }));
    hooks.onLoad({ filter: /.*/, namespace: 'portico' }, () => ({
      contents:
        `const { refresher } = require(${JSON.stringify(join(HERE, this.framework.inPage))});\n` +
        `module.exports = ${this.kept}.refresher ??= refresher(require(${JSON.stringify(this.framework.runtime)}));`,
      resolveDir: this.folder,
    }));
  }

  #keepPackages(hooks) {
    hooks.onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, namespace, pluginData }) => {
      if (pluginData === 'asked' || kind === 'entry-point' || path.startsWith('portico:')) return undefined;
      const found = await hooks.resolve(path, { importer, resolveDir, kind, namespace, pluginData: 'asked' });
      if (found.external || found.errors.length || !/\.[cm]?js$/.test(found.path)) return undefined;
      const key = await this.packages.keyOf(found.path, importer);
      return key && { path: found.path, namespace: 'kept', pluginData: key };
    });
    hooks.onLoad({ filter: /.*/, namespace: 'kept' }, async ({ path, pluginData: key }) => {
      const names = await this.packages.exportsOf(path, key, hooks.esbuild);
      const kept = `${this.kept}[${JSON.stringify(key)}] ??= require(${JSON.stringify(path)})`;
      return { contents: names ? exporting(kept, names) : `module.exports = ${kept};`, resolveDir: dirname(path) };
    });
  }

  #namedComponents(hooks) {
    hooks.onLoad({ filter: /\.[jt]sx?$/ }, async ({ path, namespace }) => {
      if (namespace !== 'file' || path.includes('/node_modules/') || path.startsWith(HERE)) return undefined;
      const name = relative(this.folder, path);
      const code = await this.transform.of(name, path, await readFile(path, 'utf8'));
      // On the first line, so that every other line stays where it is.
      const scope = `import { scope as $Scope$ } from 'portico:refresh'; var { $RefreshReg$, $RefreshSig$ } = $Scope$(${JSON.stringify(name)}); `;
      return code === undefined ? undefined : { contents: scope + code, loader: extname(path).slice(1) };
    });
  }
}

/** An ES module that exports these names of what an expression gives. */
function exporting(expression, names) {
  const lines = names.map((name, index) => `const $${index} = $.${name}; export { $${index} as ${name} };`);
  return [`const $ = ${expression};`, ...lines].join('\n');
}
