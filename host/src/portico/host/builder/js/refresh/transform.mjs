/** Puts the app's modules through the framework's Babel plugin, and knows of each what it is and whether it changed. */

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { exportsComponentsOnly } from './boundary.mjs';

export class Transform {
  /** By name: `{ digest, boundary, code }` of the module as it was last read. */
  modules = new Map();

  constructor(babel, plugin) {
    this.babel = babel;
    this.plugin = plugin.default ?? plugin;
  }

  /** The code for the bundler, types and JSX left to it; `undefined` when it is not to be read: the bundler says why. */
  async of(name, path, source) {
    const digest = createHash('sha256').update(source).digest('hex');
    const known = this.modules.get(name);
    if (known?.digest === digest) return known.code;
    const result = await this.#transformed(path, source);
    this.modules.set(name, { digest, boundary: result?.metadata.portico ?? false, code: result?.code });
    return result?.code;
  }

  async #transformed(path, source) {
    const syntax = [
      'decorators',
      ...(/\.tsx?$/.test(path) ? ['typescript'] : []),
      ...(/\.ts$/.test(path) ? [] : ['jsx']),
    ];
    const judge = { visitor: { Program: (program, { file }) => note(file, exportsComponentsOnly(program)) } };
    try {
      return await this.babel.transformAsync(source, {
        filename: path,
        babelrc: false,
        configFile: false,
        sourceMaps: 'inline',
        sourceFileName: basename(path),
        parserOpts: { plugins: syntax },
        plugins: [judge, [this.plugin, { skipEnvCheck: true }]],
      });
    } catch {
      return undefined;
    }
  }
}

function note(file, boundary) {
  file.metadata.portico = boundary;
}
