import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BuildError } from './errors.mjs';

/**
 * What an app is built with: the packages that its own folder finds (its node_modules, or those of a folder above), so
 * that a team's lock file decides over versions and not whoever installed the platform's command.
 */
export class Toolchain {
  constructor(folder) {
    this.folder = folder;
    this.require = createRequire(join(folder, 'package.json'));
  }

  /** Whether the app finds a package, or a module of one. */
  has(specifier) {
    try {
      this.require.resolve(specifier);
      return true;
    } catch {
      return false;
    }
  }

  /** The module that a specifier means to the app; throws a `BuildError` that says what to install. */
  load(specifier) {
    if (!this.has(specifier)) {
      const wanted = packageOf(specifier);
      throw new BuildError(
        `${this.folder} does not find ${wanted}: run npm install, or npm install --save-dev ${wanted}`,
      );
    }
    return this.require(specifier);
  }

  /** The bundler. */
  esbuild = () => this.load('esbuild');
}

/** The package that a specifier is of: `vue/compiler-sfc` is of `vue`. */
export function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
