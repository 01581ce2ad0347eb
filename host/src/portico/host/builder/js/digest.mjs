import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** Every file below a folder, as sorted relative paths. */
export async function listFiles(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();
}

/** The first 10 hexadecimal digits of a digest over names and contents of a folder's files. */
export async function contentDigest(folder) {
  const hash = createHash('sha256');
  for (const file of await listFiles(folder)) {
    const bytes = await readFile(`${folder}/${file}`);
    hash.update(`${file}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 10);
}
