/** Runs every `ts` block of docs/reference/sdk.md as it stands, and holds it to what it says that it prints. */

import { examples } from 'virtual:documented-examples';
import * as sdk from '@portico/sdk';
import * as flags from '@portico/sdk/flags';
import * as i18n from '@portico/sdk/i18n';
import * as log from '@portico/sdk/log';
import * as offline from '@portico/sdk/offline';
import * as testing from '@portico/sdk/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

const { mountApp, problem } = testing;
const WORLD: testing.World = {
  manifest: { name: '@home/lamps', routes: [{ path: '/lamps' }, { path: '/lamps/:id' }] },
  path: '/lamps',
  user: { sub: 'ada', name: 'Ada Lovelace', roles: ['member'] },
  mountPoints: { nav: [{ app: 'lamps', key: 'lamps', order: 1, label: 'Lamps', href: '/lamps' }] },
  flags: { 'new-form': true },
  api: {
    'GET /lamps': {
      items: [
        { id: '7', name: 'Desk' },
        { id: '9', name: 'Hall' },
      ],
    },
    'POST /lamps': { id: '8' },
    'PUT /lamps/:id': ({ body }: testing.Received) =>
      (body as { name: string }).name ? body : problem(422, 'invalid-request', 'A lamp has a name.'),
  },
  graphql: { Light: ({ id }: { id: string }) => ({ light: { id } }) },
};

/** Platform modules, and what of them is not for apps: the page starts these itself. */
const MODULES = {
  '@portico/sdk': [sdk, ['activation']],
  '@portico/sdk/flags': [flags, ['Flags']],
  '@portico/sdk/i18n': [i18n, []],
  '@portico/sdk/log': [log, ['start']],
  '@portico/sdk/offline': [offline, ['start']],
  '@portico/sdk/testing': [testing, []],
} as const;

let app: testing.Mounted | undefined;

afterEach(async () => {
  await app?.unmount();
  app = undefined;
  sessionStorage.clear();
  vi.restoreAllMocks();
});

describe('the examples of docs/reference/sdk.md', () => {
  it.each(examples)('line $line does what it says', async ({ source, load }) => {
    const said: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => void said.push(words.join(' ')));
    app = await mountApp(sdk.defineApp({ mount: () => undefined }), WORLD);
    const module = await load();
    if ('mount' in module) {
      await app.unmount();
      app = await mountApp(module as unknown as testing.AppSource, WORLD);
    }
    const promised = [...source.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text);
    await expect.poll(() => said).toEqual(promised);
  });

  it.each(Object.entries(MODULES))('show every function of %s', (specifier, [module, own]) => {
    const imported = examples.flatMap(({ source }) =>
      [...source.matchAll(/import \{([^}]*)\} from '([^']*)'/g)].flatMap(([, names = '', from]) =>
        from === specifier ? names.split(',').map((name) => name.trim()) : [],
      ),
    );
    const exported = Object.keys(module).filter((name) => !(own as readonly string[]).includes(name));
    expect(exported.filter((name) => !imported.includes(name))).toEqual([]);
  });
});
