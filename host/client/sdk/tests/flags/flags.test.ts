import { expect, it } from 'vitest';
import { Flags } from '../../flags/flags.ts';

const ANSWER = {
  flags: [
    { key: 'new-form', value: true, variant: 'on', reason: 'STATIC' },
    { key: 'colour', value: 'red', variant: 'red', reason: 'SPLIT' },
    { key: 'share', errorCode: 'TARGETING_KEY_MISSING', errorDetails: 'nobody' },
  ],
};

/** A server that answers with an ETag of its revision, and a tab that keeps what it got. */
function world(kept = new Map<string, string>()) {
  const asked: (string | null)[] = [];
  const reported: unknown[] = [];
  const server = { revision: 1, status: 200, body: ANSWER as unknown };
  const flags = new Flags({
    fetch: async (_url, { headers }) => {
      const known = new Headers(headers).get('If-None-Match');
      asked.push(known);
      const ETag = `"${server.revision}"`;
      if (known === ETag) return new Response(null, { status: 304, headers: { ETag } });
      return Response.json(server.body, { status: server.status, headers: { ETag } });
    },
    store: () => ({ getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => void kept.set(key, text) }),
    key: () => 'flags:ana',
    report: (reason) => reported.push(reason),
  });
  return { flags, asked, server, kept, reported };
}

it('answers the fallback at once, and the value when the server has spoken', async () => {
  const { flags, asked } = world();
  expect(flags.value('new-form', false)).toBe(false);
  await flags.ready();
  expect(flags.value('new-form', false)).toBe(true);
  expect(flags.details('colour')).toEqual({ key: 'colour', value: 'red', variant: 'red', reason: 'SPLIT' });
  expect(asked).toEqual([null]);
});

it('answers the fallback for a flag of another kind, one that is not there, and one without a value', async () => {
  const { flags } = world();
  await flags.ready();
  expect(flags.value('colour', false)).toBe(false);
  expect(flags.value('absent', 7)).toBe(7);
  expect(flags.value('share', 'none')).toBe('none');
});

it('knows at once on the next page of the tab, and asks only whether something changed', async () => {
  const { flags, kept } = world();
  await flags.ready();
  const next = world(kept);
  expect(next.flags.value('new-form', false)).toBe(true);
  await next.flags.ready();
  expect(next.asked).toEqual(['"1"']);
  expect(next.flags.value('new-form', false)).toBe(true);
});

it('tells who listens of a change, and nobody when nothing changed', async () => {
  const { flags, server } = world();
  await flags.ready();
  const heard: boolean[] = [];
  const control = new AbortController();
  flags.subscribe(() => heard.push(flags.value('new-form', false)));
  flags.subscribe(() => heard.push(false), { signal: control.signal });
  flags.subscribe(() => heard.push(false))();
  control.abort();
  await flags.refresh();
  expect(heard).toEqual([]);
  server.revision = 2;
  server.body = { flags: [{ key: 'new-form', value: false, variant: 'off', reason: 'STATIC' }] };
  await flags.refresh();
  expect(heard).toEqual([false]);
});

it.each([
  ['an error', 503, {}],
  ['rubbish', 200, 'rubbish'],
  ['no list', 200, { flags: 7 }],
])('goes on with what is known after %s', async (_what, status, body) => {
  const { flags, server } = world();
  await flags.ready();
  Object.assign(server, { revision: 2, status, body });
  await flags.refresh();
  expect(flags.value('colour', 'blue')).toBe(status === 503 ? 'red' : 'blue');
});

it('reads rubbish that was kept as nothing, and reports a server that is away', async () => {
  const { flags, reported } = world(new Map([['flags:ana', '{"flags": 1']]));
  expect(flags.value('colour', 'blue')).toBe('blue');
  const away = new Flags({ ...flags.ports, fetch: () => Promise.reject(new TypeError('away')) });
  await away.ready();
  expect(reported).toEqual([new TypeError('away')]);
});
