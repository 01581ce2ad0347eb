import { type Entry, openPerson } from '@portico/local';
import { apiFor, defineApp, messages, navigate, onNavigate, ProblemError, user } from '@portico/sdk';
import { flags } from '@portico/sdk/flags';
import { live, outbox } from '@portico/sdk/offline';
import { mountApp, problem } from '@portico/sdk/testing';
import { beforeAll, describe, expect, it } from 'vitest';

const manifest = { name: '@home/lamps', routes: [{ path: '/lamps' }, { path: '/lamps/:id' }] };

/** An app that shows what its BFF answers for its address, and whom it is for. */
const lamps = defineApp({
  async mount({ domElement, portico }) {
    const show = async (id: string | undefined): Promise<void> => {
      const lamp = await portico.api.get<{ room: string }>(id ? `/lamps/${id}` : '/lamps', { signal: portico.signal });
      domElement.textContent = `${user()?.name ?? 'Nobody'}: ${lamp.room}`;
    };
    onNavigate(({ params }) => void show(params.id), { signal: portico.signal });
    live.on('lamps.lit', () => void domElement.append(' lit'), { signal: portico.signal });
    await show(portico.params.id);
  },
});

const ada = { sub: 'ada', name: 'Ada', roles: ['member'] };
const api = {
  'GET /lamps/:id': ({ params }: { params: Readonly<Record<string, string>> }) => ({ room: `room ${params.id}` }),
};

const LEFT = '019b8b74-0000-7000-8000-000000000001';

/** A command of Ada's that was under way when a test ended. */
async function leave(): Promise<void> {
  const db = await openPerson(ada.sub);
  const left = { key: LEFT, sub: ada.sub, state: 'inflight' } as Entry;
  await db.transact({ mode: 'readwrite' }, (tables) => tables.putEntry(left));
  db.close();
}

beforeAll(leave); // as another file of this run may, whose browser is the same

describe('an app that is mounted alone', () => {
  it('begins without what another test file has left on the device, and with what this one has', async () => {
    const first = await mountApp(lamps, { manifest, path: '/lamps/1', user: ada, api });
    expect(await outbox.entries()).toEqual([]);
    await first.unmount();
    await leave();
    const second = await mountApp(lamps, { manifest, path: '/lamps/1', user: ada, api });
    expect(await outbox.entries()).toHaveLength(1);
    await outbox.discard(LEFT);
    await second.unmount();
  });

  it('has a person, an address, and a BFF that was asked as the real one is', async () => {
    const app = await mountApp(lamps, { manifest, path: '/lamps/k%C3%BCche?x=1', user: ada, api });
    expect(app.element.textContent).toBe('Ada: room küche');
    expect(app.received).toMatchObject([{ method: 'GET', path: '/lamps/k%C3%BCche', params: { id: 'küche' } }]);
    expect(app.received[0]?.headers.get('x-portico')).toBe('1');
    expect(app.received[0]?.headers.get('portico-person')).toBe('ada');
    await app.unmount();
    expect(app.element.isConnected).toBe(false);
  });

  it('goes to other addresses, stays where it was when they are not its own, and is back when it ends', async () => {
    const start = location.href;
    const app = await mountApp(lamps, { manifest, path: '/lamps/1', user: ada, api });
    await navigate('/lamps/2');
    await expect.poll(() => app.element.textContent).toBe('Ada: room 2');
    await navigate('/other?from=lamps');
    expect(app.left).toEqual(['/other?from=lamps']);
    await app.unmount();
    expect(location.href).toBe(start);
  });

  it('hears live frames, and nothing after it was unmounted', async () => {
    const app = await mountApp(lamps, { manifest, path: '/lamps/1', user: ada, api });
    app.live('lamps.lit');
    expect(app.element.textContent).toBe('Ada: room 1 lit');
    await app.unmount();
    app.live('lamps.lit');
    expect(app.element.textContent).toBe('');
  });

  it('publishes messages that wait for somebody', async () => {
    const talks = defineApp({ mount: () => void messages.publish('lamp.lit/1', { room: 'hall' }) });
    const app = await mountApp(talks, { user: ada });
    expect(app.messages()).toMatchObject([{ name: 'lamp.lit/1', data: { room: 'hall' } }]);
    messages.subscribe('lamp.lit/1', () => undefined);
    await expect.poll(() => app.messages()).toEqual([]);
    await app.unmount();
  });

  it('has the flags of the test', async () => {
    const app = await mountApp(defineApp({ mount: () => undefined }), { flags: { 'new-form': true } });
    expect(flags.value('new-form', false)).toBe(true);
    await app.unmount();
  });

  it('gets problems, and is told of what nobody answers', async () => {
    const refuses = { 'POST /lamps': () => problem(409, 'conflict', 'Somebody was faster.', { version: 2 }) };
    const app = await mountApp(defineApp({ mount: () => undefined }), { manifest, api: refuses });
    const refusal = await apiFor('lamps')
      .post('/lamps', {})
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ProblemError);
    expect(refusal).toMatchObject({ code: 'conflict', status: 409, message: 'Somebody was faster.' });
    await expect(apiFor('lamps').get('/none')).rejects.toMatchObject({ code: 'not-played' });
    await expect(apiFor('lamps').graphql('query None { none }')).rejects.toMatchObject({ code: 'not-played' });
    await app.unmount();
  });

  it('answers GraphQL operations by name', async () => {
    const graphql = { Lamp: ({ id }: { id: string }) => ({ lamp: { id } }) };
    const app = await mountApp(defineApp({ mount: () => undefined }), { manifest, graphql });
    const asked = apiFor('lamps').graphql('query Lamp($id: ID!) { lamp(id: $id) { id } }', { id: '7' });
    await expect(asked).resolves.toEqual({ lamp: { id: '7' } });
    await app.unmount();
  });

  it('that throws leaves nothing behind', async () => {
    const start = location.href;
    const breaks = defineApp({ mount: () => Promise.reject(new Error('dark')) });
    await expect(mountApp(breaks, { manifest, path: '/lamps' })).rejects.toThrow('dark');
    expect([location.href, document.querySelector('[data-app]')]).toEqual([start, null]);
    await expect(mountApp(breaks, { api: { '/lamps': 1 } })).rejects.toThrow('"/lamps" is no method and path');
  });
});
