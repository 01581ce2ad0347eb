/** From which builds a page gets to the latest one by Fast Refresh alone, its state kept. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

export class History {
  #before;
  #since;

  /**
   * Takes a build down, and returns `{ since, why }`: the oldest build from which a page gets to this one by Fast Refresh,
   * and, when that is this build itself, why.
   *
   * @param refresh what fastRefresh() returned
   * @param inputs the bundler's: the modules by path, with what each imports
   */
  async add(number, refresh, inputs) {
    const { transform, packages, folder } = refresh;
    if (!transform) return { since: number, ...(refresh.why && { why: refresh.why }) };
    const now = { digests: await digestsOf(inputs, transform.modules, folder), versions: new Map(packages.versions) };
    const why = this.#before && whyAnew(this.#before, now, inputs, transform.modules);
    if (!this.#before || why) this.#since = number;
    this.#before = now;
    return { since: this.#since, ...(why && { why }) };
  }
}

/** Everything that can change from build to build; style sheets are replaced by themselves. */
async function digestsOf(inputs, modules, folder) {
  const own = Object.keys(inputs).filter((path) => !/(^|\/)node_modules\/|^[\w-]+:|\.css$/.test(path));
  const digests = own.map(async (path) => [path, modules.get(path)?.digest ?? (await digestOf(resolve(folder, path)))]);
  return new Map(await Promise.all(digests));
}

async function digestOf(file) {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

function whyAnew(before, now, inputs, modules) {
  for (const [folder, version] of now.versions)
    if ((before.versions.get(folder) ?? version) !== version) return 'another version of a package is installed';
  const changed = [...now.digests].filter(([path, digest]) => before.digests.get(path) !== digest);
  const importers = importersOf(inputs);
  const reached = new Set(changed.map(([path]) => path));
  for (const path of reached) {
    if (modules.get(path)?.boundary) continue;
    const next = importers.get(path) ?? [];
    if (!next.length) return `the change reaches ${path}, which exports other things than components`;
    for (const importer of next) reached.add(importer);
  }
  return undefined;
}

function importersOf(inputs) {
  const importers = new Map();
  for (const [importer, { imports }] of Object.entries(inputs))
    for (const { path } of imports) importers.set(path, [...(importers.get(path) ?? []), importer]);
  return importers;
}
