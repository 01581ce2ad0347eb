/** Something is wrong with what is to be built; the message says what and where, and a stack would not help. */
export class BuildError extends Error {}

/** Runs an esbuild build and turns its failure into a `BuildError` (esbuild has printed the places already). */
export async function building(build) {
  try {
    return await build();
  } catch (error) {
    if (Array.isArray(error?.errors)) throw new BuildError(`${error.errors.length} error(s), see above`);
    throw error;
  }
}
