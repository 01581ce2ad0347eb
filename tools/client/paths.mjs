import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** A path inside the repository. */
export function fromRoot(...parts) {
  return fileURLToPath(new URL(parts.join('/'), ROOT));
}
