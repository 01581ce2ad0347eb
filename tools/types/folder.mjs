import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MARK } from './files.mjs';
import { Refusal } from './refusal.mjs';

/** The files of a generated folder that are not as `made` (path to text) says: changed, missing, or too many. */
export async function differing(out, made) {
  const there = await listed(out);
  const present = new Map(
    await Promise.all(there.map(async (path) => [path, await readFile(join(out, path), 'utf8')])),
  );
  const paths = new Set([...present.keys(), ...Object.keys(made)]);
  return [...paths].filter((path) => present.get(path) !== made[path]).sort();
}

/**
 * Makes the folder what `made` says; files that are as they should be keep their time. Throws a `Refusal`, and changes
 * nothing, where that would take away what was not generated, or reach out of the folder.
 */
export async function write(out, made) {
  const paths = await differing(out, made);
  await checkInPlace(out, paths);
  for (const path of paths) {
    const file = join(out, path);
    if (made[path] === undefined) {
      await rm(file);
    } else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, made[path]);
    }
  }
}

async function checkInPlace(out, paths) {
  const places = [dirname(out), out, ...paths.flatMap((path) => [dirname(join(out, path)), join(out, path)])];
  for (const place of new Set(places)) {
    const found = await lstat(place).catch(() => undefined);
    if (found?.isSymbolicLink()) throw new Refusal(`${place} is a link; nothing is written through it`);
    if (found?.isFile() && !(await readFile(place, 'utf8')).startsWith(MARK))
      throw new Refusal(`${place} was not made by portico types; move it out of ${out}`);
  }
}

async function listed(folder) {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, '/').length));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
