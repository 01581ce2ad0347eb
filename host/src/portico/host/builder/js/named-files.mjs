import { BuildError } from './errors.mjs';

/** A path as the manifest's schema wants it: relative, below the folder. */
const BELOW = /^(?!\.{1,2}(\/|$))[^/\\\p{Cc}]+(\/(?!\.{1,2}(\/|$))[^/\\\p{Cc}]+)*$/u;

/** Throws a `BuildError` when the manifest names a file outside of the app's folder: nothing is read or written there. */
export function checkNames(manifest) {
  const shares = Object.values(manifest.imports?.shares ?? {}).flatMap(({ entries }) => Object.values(entries ?? {}));
  const outside = [...namedFiles(manifest), ...shares].find((file) => !BELOW.test(file));
  if (outside !== undefined) throw new BuildError(`app.json names ${JSON.stringify(outside)}: not a file of the app`);
}

/** The files of the release that a manifest names, each once; the deployer refuses a release that lacks one. */
export function namedFiles(manifest) {
  const icons = Object.values(manifest.mountPoints ?? {})
    .flat()
    .map((entry) => entry.icon)
    .filter((icon) => icon && !icon.includes(':'));
  const { contract, api, uses } = manifest.bff ?? {};
  const operations = api === 'graphql' ? (uses ?? []) : [];
  const messages = [manifest.publishes, manifest.consumes].flatMap((schemas) => Object.values(schemas ?? {}));
  const { publishes, consumes } = manifest.bff?.events ?? {};
  const events = [...Object.values(publishes ?? {}), ...(consumes ?? []).map(({ schema }) => schema)];
  const documents = [contract, ...operations, ...messages, ...events];
  const named = [manifest.entry, ...(manifest.styles ?? []), ...icons, ...documents];
  return [...new Set(named.filter((file) => typeof file === 'string'))];
}
