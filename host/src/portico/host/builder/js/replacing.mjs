import { mkdir, rename, rm } from 'node:fs/promises';

/**
 * Lets `build` fill a new folder and puts it in the place of `target` only when that went well: whoever reads meanwhile
 * sees the old files, and a failed build changes nothing. Returns what `build` returns.
 */
export async function replacing(target, build) {
  const fresh = `${target}.new-${process.pid}`;
  const old = `${target}.old-${process.pid}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  try {
    const result = await build(fresh);
    await rename(target, old).catch(ignoreMissing);
    await rename(fresh, target);
    return result;
  } finally {
    await Promise.all([fresh, old].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}
