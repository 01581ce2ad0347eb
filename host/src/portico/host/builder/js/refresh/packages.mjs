/** Which packages are evaluated once per page: the framework, and those that name it in their package.json. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export class Packages {
  #manifests = new Map();
  #exports = new Map();
  /** The versions in use, by the packages' folders. */
  versions = new Map();

  constructor(frameworks) {
    this.frameworks = frameworks;
  }

  /** Somebody may have installed others meanwhile. */
  forget() {
    this.#manifests.clear();
    this.versions.clear();
  }

  /** What the module in this file is kept as; `undefined` when it is not kept. Another version is another module. */
  async keyOf(file, importer) {
    const found = await this.#around(file);
    if (!found) return undefined;
    const { folder, manifest } = found;
    const isFramework = this.frameworks.includes(manifest.name);
    const names = { ...manifest.dependencies, ...manifest.peerDependencies };
    if (!isFramework && !this.frameworks.some((name) => name in names)) return undefined;
    // A package that imports itself by its name may do so in a circle.
    if (!isFramework && importer.startsWith(`${folder}/`)) return undefined;
    this.versions.set(folder, manifest.version);
    return `${file}@${manifest.version}`;
  }

  /** The names that an ES module exports; `undefined` for a CommonJS module. */
  exportsOf(file, key, esbuild) {
    if (!this.#exports.has(key)) this.#exports.set(key, namesIn(file, esbuild));
    return this.#exports.get(key);
  }

  /** The package that a file is in; folders inside it may have a package.json that only says how to read its files. */
  async #around(file) {
    for (let folder = dirname(file); folder.includes('/node_modules/'); folder = dirname(folder)) {
      if (!this.#manifests.has(folder)) this.#manifests.set(folder, await manifestIn(folder));
      const manifest = this.#manifests.get(folder);
      if (manifest?.version) return { folder, manifest };
    }
    return undefined;
  }
}

async function manifestIn(folder) {
  const file = join(folder, 'package.json');
  return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : undefined;
}

async function namesIn(file, { build }) {
  const options = { bundle: true, packages: 'external', format: 'esm', write: false, metafile: true };
  const { metafile } = await build({ ...options, entryPoints: [file], outfile: 'asked.js', logLevel: 'silent' });
  const [output] = Object.values(metafile.outputs);
  return metafile.inputs[output.entryPoint].format === 'esm' ? output.exports : undefined;
}
