import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyOf } from '../read.ts';
import { answer, CONTENTS, GlobPattern, open, patch, RULE, settled } from './fakes.ts';
import { fresh, shownBy, World } from './reads-world.ts';

beforeEach(() => void vi.stubGlobal('URLPattern', GlobPattern));
afterEach(() => void vi.unstubAllGlobals());

describe('network first', () => {
  it('shows the network’s answer and keeps it', async () => {
    const world = new World();
    world.replies.push(answer({ n: 1 }));
    expect(await world.ask()).toEqual(fresh({ n: 1 }));
    expect(world.kept).toEqual(['/api/notes/things/1']);
    expect(world.seen).toEqual([{ app: 'notes', url: '/api/notes/things/1', asOf: null, stale: null, pending: 0 }]);
  });

  it.each([
    [new TypeError('no network'), 'network'],
    [new Response('<h1>Log in</h1>', { headers: { 'Content-Type': 'text/html' } }), 'network'],
    [answer({ title: 'broken' }, { status: 500 }), 'error'],
    [answer({ title: 'busy' }, { status: 429 }), 'error'],
  ])('shows what is kept when the network says %s', async (reply, reason) => {
    const world = new World();
    world.replies.push(answer({ n: 1 }));
    await world.ask();
    const asOf = world.clock.now();
    await world.clock.advance(60_000);
    world.replies.push(reply);
    const time = '2026-01-05T00:00:00.000Z';
    expect(await world.ask()).toEqual({ status: 200, body: { n: 1 }, asOf: time, stale: reason, pending: null });
    expect(world.seen.at(-1)).toMatchObject({ asOf, stale: reason });
  });

  it('waits for the network as long as the rule says, then shows what is kept, and keeps what comes late', async () => {
    const world = new World({ timeoutMs: 500 });
    world.replies.push(answer({ n: 1 }));
    await world.ask();
    const { promise, resolve } = open<Response>();
    world.replies.push(promise);
    const asked = world.later();
    await world.clock.advance(499);
    expect(world.clock.waits).toEqual([1]);
    await world.clock.advance(1);
    expect(await shownBy(await asked)).toMatchObject({ body: { n: 1 }, stale: 'timeout' });
    resolve(answer({ n: 2 }));
    await world.idle();
    expect(await world.ask()).toMatchObject({ body: { n: 2 }, stale: 'network' });
  });

  it('waits without a limit when nothing is kept', async () => {
    const world = new World({ timeoutMs: 500 });
    const { promise, resolve } = open<Response>();
    world.replies.push(promise);
    const asked = world.later();
    await world.clock.advance(60_000);
    resolve(answer({ n: 1 }));
    expect(await shownBy(await asked)).toEqual(fresh({ n: 1 }));
  });

  it('shows the real answer when nothing is kept, and says so itself when there is none', async () => {
    const world = new World();
    world.replies.push(answer({ title: 'broken' }, { status: 503 }), new Response('portal'));
    expect(await world.ask()).toMatchObject({ status: 503, body: { title: 'broken' } });
    for (const _ of ['a portal', 'nothing']) {
      const type = 'https://portico.dev/problems/offline';
      expect(await world.ask()).toMatchObject({ status: 504, body: { type, status: 504 } });
    }
  });

  it.each([
    [401, 1],
    [403, 0],
    [404, 0],
    [410, 0],
    [422, 1],
  ])('takes %i for true; %i answers stay kept', async (status, left) => {
    const world = new World();
    world.replies.push(answer({ n: 1 }), answer({ title: 'no' }, { status }));
    await world.ask();
    expect(await world.ask()).toMatchObject({ status, stale: null });
    expect(world.kept).toHaveLength(left);
  });

  it('shows nothing that is older than the rule allows', async () => {
    const world = new World({ maxAgeS: 60 });
    world.replies.push(answer({ n: 1 }));
    await world.ask();
    await world.clock.advance(60_000);
    expect(await world.ask()).toMatchObject({ status: 200 });
    await world.clock.advance(1);
    expect(await world.ask()).toMatchObject({ status: 504 });
  });

  it('shows nothing from a time to come: a clock was wrong', async () => {
    const world = new World();
    world.replies.push(answer({ n: 1 }));
    await world.ask();
    world.clock.time -= 86_400_000;
    expect(await world.ask()).toMatchObject({ status: 504 });
  });

  it('keeps no more answers than the rule allows, the latest ones', async () => {
    const world = new World({ maxEntries: 2 });
    for (const number of [1, 2, 3]) {
      world.replies.push(answer({ number }));
      await world.ask(`/things/${number}`);
    }
    expect(world.kept).toEqual(['/api/notes/things/2', '/api/notes/things/3']);
  });

  it('keeps the answer that was asked for last, whichever comes last', async () => {
    const world = new World();
    const { promise, resolve } = open<Response>();
    world.replies.push(promise, answer({ n: 'later' }));
    const first = world.later();
    await world.clock.advance(10);
    const second = await world.later();
    await second.text();
    await settled();
    resolve(answer({ n: 'earlier' }));
    await (await first).text();
    await world.idle();
    expect(await world.ask()).toMatchObject({ body: { n: 'later' }, stale: 'network' });
  });

  it('keeps only whole JSON answers', async () => {
    const world = new World();
    const plain = new Response('plain', { headers: { 'Portico-Receipt': '1', 'Content-Type': 'text/plain' } });
    world.replies.push(plain, answer({}, { status: 206 }));
    await (await world.later()).text();
    await world.ask();
    await world.idle();
    expect(world.kept).toEqual([]);
  });
});

describe('stale while revalidate', () => {
  it('shows what is kept at once and brings it up to date for the next time', async () => {
    const world = new World({ policy: 'stale-while-revalidate' });
    world.replies.push(answer({ n: 1 }), answer({ n: 2 }));
    expect(await world.ask()).toMatchObject({ body: { n: 1 }, asOf: null });
    expect(await world.ask()).toMatchObject({ body: { n: 1 }, stale: null });
    expect(await world.ask()).toMatchObject({ body: { n: 2 }, stale: null });
  });

  it('tells the page when what it shows could not be brought up to date', async () => {
    const world = new World({ policy: 'stale-while-revalidate' });
    world.replies.push(answer({ n: 1 }));
    await world.ask();
    await world.ask();
    expect(world.seen.map(({ stale }) => stale)).toEqual([null, null, 'network']);
  });
});

describe('cache first', () => {
  it('asks the network only while nothing is kept', async () => {
    const world = new World({ policy: 'cache-first', maxAgeS: 60 });
    world.replies.push(answer({ n: 1 }), answer({ n: 2 }));
    await world.ask();
    expect(await world.ask()).toMatchObject({ body: { n: 1 }, stale: null });
    expect(world.asked).toHaveLength(1);
    await world.clock.advance(60_001);
    expect(await world.ask()).toEqual(fresh({ n: 2 }));
  });

  it('asks all the same when the page wants to get past every cache', async () => {
    const world = new World({ policy: 'cache-first' });
    world.replies.push(answer({ n: 1 }), answer({ n: 2 }));
    await world.ask();
    expect(await world.ask('/things/1', { cache: 'reload' })).toEqual(fresh({ n: 2 }));
  });
});

describe('people', () => {
  it('are never shown what is another’s', async () => {
    const world = new World();
    world.replies.push(answer({ n: 1 }));
    await world.ask();
    world.person = 'bob';
    await expect(world.later()).rejects.toThrow('no network');
  });

  it('leave nothing behind: an answer that comes after they went is not kept', async () => {
    const world = new World();
    const { promise, resolve } = open<Response>();
    world.replies.push(promise);
    const asked = world.later();
    await settled();
    world.person = null;
    resolve(answer({ n: 1 }));
    expect(await shownBy(await asked)).toMatchObject({ body: { n: 1 } });
    await world.idle();
    expect(world.kept).toEqual([]);
  });
});

describe('storage that fails', () => {
  it('does not come between page and network', async () => {
    const world = new World();
    world.shelves.open = () => Promise.reject(new Error('broken disk'));
    world.replies.push(answer({ n: 1 }));
    const shown = await shownBy(await world.later());
    expect(shown).toEqual(fresh({ n: 1 }));
    await expect(world.idle()).rejects.toThrow('broken disk');
    Object.assign(world.reads.deps, { keptFor: () => Promise.reject(new Error('broken disk')) });
    world.replies.push(answer({ n: 2 }));
    expect(await shownBy(await world.later())).toEqual(fresh({ n: 2 }));
  });
});

describe('waiting commands', () => {
  it('show in answers from the network and in kept ones, with their number', async () => {
    const world = new World();
    world.replies.push(answer({ name: 'old', size: 1 }));
    world.patches = [patch(), patch({ id: 'k2/0', key: 'k2', merge: { size: 2 } })];
    const body = { name: 'new', size: 2 };
    expect(await world.ask()).toMatchObject({ body, pending: '2', asOf: null });
    expect(await world.ask()).toMatchObject({ body, pending: '2', stale: 'network' });
    expect(world.seen.map(({ pending }) => pending)).toEqual([2, 2]);
  });

  it('leave no trace in what is kept: refused, they are as if they had never been', async () => {
    const world = new World();
    world.replies.push(answer({ name: 'old' }));
    world.patches = [patch()];
    await world.ask();
    world.patches = [patch({ state: 'hidden' })];
    expect(await world.ask()).toMatchObject({ body: { name: 'old' }, pending: null });
  });

  it('can be a whole answer, where none is kept and none can be had', async () => {
    const world = new World();
    world.patches = [
      patch({ merge: { name: 'new', size: 1 }, complete: true }),
      patch({ id: 'l/0', key: 'l', merge: { size: 2 } }),
    ];
    expect(await world.ask()).toMatchObject({
      status: 200,
      body: { name: 'new', size: 2 },
      pending: '2',
      stale: 'network',
    });
    expect(world.kept).toEqual([]);
    world.patches = [patch({ merge: { size: 2 } })];
    expect(await world.ask()).toMatchObject({ status: 504 });
    world.patches = [patch({ state: 'hidden', complete: true })];
    expect(await world.ask()).toMatchObject({ status: 504 });
  });

  it('once done, still show in answers that were asked for before, and not in later ones', async () => {
    const world = new World();
    world.replies.push(answer({ name: 'old' }));
    await world.ask();
    world.patches = [patch({ state: 'confirmed', at: world.clock.now() + 10 })];
    await world.clock.advance(20);
    expect(await world.ask()).toMatchObject({ body: { name: 'new' }, pending: null, stale: 'network' });
    world.replies.push(answer({ name: 'newest' }));
    expect(await world.ask()).toEqual(fresh({ name: 'newest' }));
  });
});

describe('GraphQL', () => {
  const rule = { graphql: 'Things' };
  const body = JSON.stringify({ query: 'query Things { a }' });
  const query = { method: 'POST', body };

  function world(): World {
    const made = new World();
    const { path: _, ...shared } = RULE;
    const apps = [{ ...CONTENTS.apps[0], app: 'notes', bff: '/api/notes', reads: [{ ...shared, ...rule }] }];
    Object.assign(made.reads.deps, { keptFor: async () => ({ person: 'hash', apps }) });
    return made;
  }

  it('answers with data are kept; the network gets the query', async () => {
    const on = world();
    on.replies.push(answer({ data: { a: 1 } }));
    await on.ask('/graphql', query);
    expect(await on.asked[0]?.text()).toBe(body);
    expect(await on.ask('/graphql', query)).toMatchObject({ body: { data: { a: 1 } }, stale: 'network' });
  });

  it('errors of the server count as none; errors of the query are true and not kept', async () => {
    const on = world();
    on.replies.push(
      answer({ data: { a: 1 } }),
      answer({ errors: [{ path: ['a'], extensions: { status: 503 } }] }),
      answer({ errors: [{ path: ['a'], extensions: { status: 404 } }] }),
    );
    await on.ask('/graphql', query);
    expect(await on.ask('/graphql', query)).toMatchObject({ body: { data: { a: 1 } }, stale: 'error' });
    expect(await on.ask('/graphql', query)).toMatchObject({ body: { errors: [{}] }, stale: null });
    expect(on.kept).toEqual([]);
  });
});

it('what is named without a pattern is asked for ahead, once', async () => {
  const world = new World({ path: '/all' });
  world.replies.push(answer({ n: 1 }));
  const apps = [{ app: 'notes', bff: '/api/notes', reads: [{ ...RULE, path: '/all' }, RULE] }];
  await world.reads.warm('ada', apps);
  expect(world.asked.map(({ url }) => new URL(url).pathname)).toEqual(['/api/notes/all']);
  expect(world.kept).toEqual(['/api/notes/all']);
});

it('a query that is given whole is asked for ahead, as the app will ask; what is no such query is never sent', async () => {
  const ahead = { document: 'query All($n: Int) { all(first: $n) { id } }', variables: { n: 3 } };
  const world = new World({ path: '/of-nothing', graphql: 'All', ahead });
  world.replies.push(answer({ data: { a: 1 } }));
  const { path: _, ...rule } = RULE;
  const rules = [
    { ...rule, graphql: 'All', ahead },
    { ...rule, graphql: 'Wipe', ahead: { document: 'mutation Wipe { wipe }', variables: {} } },
    { ...rule, graphql: 'Unsaid' },
  ];
  await world.reads.warm('ada', [{ app: 'notes', bff: '/api/notes', reads: rules }]);
  const [request, ...others] = world.asked;
  expect(others).toEqual([]);
  expect(await request?.json()).toEqual({ query: ahead.document, variables: { n: 3 }, operationName: 'All' });
  const asked = { operation: 'All', ...ahead };
  expect(world.kept).toEqual([await keyOf('/api/notes', asked)]);
});
