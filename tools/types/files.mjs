import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageFiles } from './messages.mjs';
import { Refusal } from './refusal.mjs';

/** What the schema of the manifest says of messages' names; they become files. */
const MESSAGE = /^[a-z][a-z0-9-]{0,62}(\.[a-z][a-z0-9-]{0,62}){0,3}\/[1-9][0-9]{0,3}$/;

/** How every generated file begins; what does not is somebody's own. */
export const MARK = '// Made by `portico types`';
const HEAD = `${MARK} from app.json and what it names; do not edit.
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// biome-ignore-all assist: generated
/* eslint-disable */
`;

/** What is generated for the app in `folder`: path to text. Throws a `Refusal` that names what cannot be read. */
export async function files(folder) {
  const manifest = JSON.parse(await textOf(folder, 'app.json'));
  const names = [manifest.publishes, manifest.consumes].flatMap((schemas) => Object.keys(schemas ?? {}));
  const odd = names.find((name) => !MESSAGE.test(name));
  if (odd !== undefined)
    throw new Refusal(`app.json: ${JSON.stringify(odd)} is no name of a message: thing.happened/1`);
  const read = (path) => textOf(folder, path);
  const made = { ...(await messageFiles(manifest, read)), ...(await apiFile(manifest.bff, read)) };
  return Object.fromEntries(Object.entries(made).map(([path, text]) => [path, `${HEAD}\n${text.trim()}\n`]));
}

async function apiFile(bff, read) {
  if (!bff?.contract) return {};
  const contract = await read(bff.contract);
  try {
    // Each brings a compiler of its own, which takes a second to load.
    if (bff.api !== 'graphql') return { 'api.ts': await (await import('./openapi.mjs')).restFile(contract) };
    const { graphqlFile } = await import('./graphql.mjs');
    const operations = await Promise.all((bff.uses ?? []).map(async (path) => ({ path, text: await read(path) })));
    return { 'api.ts': await graphqlFile(contract, operations) };
  } catch (error) {
    throw new Refusal(`${bff.contract}: ${error.message}`);
  }
}

async function textOf(folder, path) {
  for (const place of [folder, join(folder, 'public')]) {
    try {
      return await readFile(join(place, path), 'utf8');
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  throw new Refusal(
    `there is no ${join(folder, path)}${path === 'app.json' ? "; give the app's folder" : ', which app.json names'}`,
  );
}
