import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildError } from '../errors.mjs';
import { buildMicroApp } from '../microapp.mjs';
import { fromRoot } from '../paths.mjs';
import { BUDGET, buildPlatform } from '../platform.mjs';

let folder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-build-'));
  await symlink(fromRoot('node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function app(name, manifest, files) {
  const place = join(folder, name);
  const all = { 'app.json': JSON.stringify({ name: `@team/${name}`, version: '1.2.3', ...manifest }), ...files };
  for (const [file, text] of Object.entries(all)) {
    await mkdir(join(place, file, '..'), { recursive: true });
    await writeFile(join(place, file), text);
  }
  return place;
}

const built = async (place, file) => readFile(join(place, 'dist', file), 'utf8');

describe('the platform', () => {
  it('keeps runtime and sdk together within the budget of 8 kB gzip', async () => {
    const target = join(folder, 'static');
    await buildPlatform(target);
    const module = await readFile(join(target, 'runtime.js'), 'utf8');
    expect(BUDGET).toBe(8 * 1024);
    expect(gzipSync(module, { level: 9 }).length).toBeLessThanOrEqual(BUDGET);
    expect(module).not.toMatch(/from"/); // all of it is in this one module, the sdk for apps as well
    expect(module).toMatch(/export\{.* as defineApp,/s);
  });
});

describe('a micro-app', () => {
  it('becomes a folder with entry, styles, public files, source maps and its manifest', async () => {
    const place = await app(
      'lamps',
      { entry: 'lamps.js', styles: ['lamps.css'], imports: { needs: { preact: '^11.0.0' } } },
      {
        'src/index.tsx': `import './lamps.css';
          import { defineApp } from '@portico/sdk';
          import { render } from 'preact';
          export const { bootstrap, mount, unmount } = defineApp({ mount: (p) => render(<b>on</b>, p.domElement) });`,
        'src/lamps.css': '.lamps { color: red }',
        'public/icon.svg': '<svg/>',
      },
    );
    await buildMicroApp(place);
    const entry = await built(place, 'lamps.js');
    const bare = [...entry.matchAll(/from"([^"]+)"/g)].map((match) => match[1]);
    expect(bare.sort()).toEqual(['@portico/sdk', 'preact', 'preact/jsx-runtime']);
    expect(entry).toContain('sourceMappingURL=lamps.js.map');
    expect(await built(place, 'lamps.css')).toContain('.lamps');
    expect(await built(place, 'icon.svg')).toBe('<svg/>');
    expect(JSON.parse(await built(place, 'app.json')).version).toMatch(/^1\.2\.3\+[0-9a-f]{10}$/);
  });

  it('gets the same version for the same bytes and another one for others', async () => {
    const source = (text) => ({ 'src/index.ts': `export const mount = () => '${text}';` });
    const version = async (name, text) => {
      const place = await app(name, { entry: 'it.js' }, source(text));
      await buildMicroApp(place);
      return JSON.parse(await built(place, 'app.json')).version;
    };
    const first = await version('same', 'one');
    expect(await version('same', 'one')).toBe(first);
    expect(await version('same', 'two')).not.toBe(first);
  });

  it('is refused when its manifest names a file that was not made, and keeps what was built before', async () => {
    const place = await app('torn', { entry: 'it.js' }, { 'src/index.ts': 'export const mount = 1;' });
    await buildMicroApp(place);
    await app('torn', { entry: 'it.js', styles: ['it.css'] }, {});
    await expect(buildMicroApp(place)).rejects.toThrow(
      new BuildError('app.json names it.css, which the build did not make'),
    );
    expect(await built(place, 'it.js')).toContain('export');
  });

  it.each([
    { entry: '../../out.js' },
    { entry: '/tmp/out.js' },
    { entry: 'a.js', styles: ['a/../../out.css'] },
    { entry: 'a.js', bff: { contract: '../../secret.json' } },
    { entry: 'a.js', consumes: { 'a/1': '..\\secret.json' } },
    { imports: { shares: { preact: { version: '1.0.0', entries: { preact: '../../out.js' } } } } },
  ])('reads and writes nothing outside of its folder: %j', async (manifest) => {
    const place = await app('hostile', manifest, { 'src/index.js': 'export const mount = () => {};' });
    await expect(buildMicroApp(place)).rejects.toThrow(/: not a file of the app$/);
    expect(await readdir(place)).toEqual(['app.json', 'src']);
  });

  it('without source is skipped with a note, or refused when it was asked for', async () => {
    await mkdir(join(folder, 'empty', 'src'), { recursive: true });
    expect(await buildMicroApp(join(folder, 'empty'))).toBe('skipped, it has no app.json yet');
    await expect(buildMicroApp(join(folder, 'empty'), { required: true })).rejects.toThrow(BuildError);
  });
});

describe('shared libraries', () => {
  it('are ES modules with the names of React, one React for all, and the version that is installed', async () => {
    const manifest = JSON.parse(await readFile(fromRoot('microapps/shared/app.json'), 'utf8'));
    const place = await app('shared', { imports: manifest.imports }, {});
    await buildMicroApp(place);
    const names = /export\{([^}]*)\}/.exec(await built(place, 'react.js'))?.[1] ?? '';
    for (const name of ['useState', 'createElement', 'StrictMode', 'default']) expect(names).toContain(` as ${name}`);
    const client = await built(place, 'react-dom-client.js');
    expect(client).toMatch(/from"react"/);
    expect(client).not.toContain('useSyncExternalStore=function');
    expect(client).not.toContain('development');
    const { version } = JSON.parse(await readFile(fromRoot('node_modules/react/package.json'), 'utf8'));
    expect(JSON.parse(await built(place, 'app.json')).imports.shares.react.version).toBe(version);
  });

  it('are the build for bundlers where a package has several, one of them CommonJS', async () => {
    const manifest = JSON.parse(await readFile(fromRoot('microapps/shared/app.json'), 'utf8'));
    const place = await app('vue', { imports: { shares: { vue: manifest.imports.shares.vue } } }, {});
    await buildMicroApp(place);
    const module = await built(place, 'vue.js');
    for (const name of ['createApp', 'h', 'ref']) expect(module).toMatch(new RegExp(`\\b${name}[,}]`));
    expect(module).not.toContain('compileToFunction');
  });

  it('that are not installed are named', async () => {
    const place = await app('absent', { imports: { shares: { nowhere: { entries: { nowhere: 'nowhere.js' } } } } }, {});
    await expect(buildMicroApp(place)).rejects.toThrow(
      new BuildError(`app.json shares nowhere, which is not installed: run npm install in ${place}`),
    );
  });
});
