import { afterEach, describe, expect, it, vi } from 'vitest';
import { stubPage } from './boot-document.ts';

const GRAPHQL = { 'Content-Type': 'application/graphql-response+json' };

/** A client on a page with one app, and what it sends; the network answers with `responses`, in order. */
async function client(...responses: (Response | Error)[]) {
  return clientFor(null, ...responses);
}

/** The same, on a page that was made for this person. */
async function clientFor(sub: string | null, ...responses: (Response | Error)[]) {
  const addresses = { entry: '/e.js', bff: '/api/lamps' };
  const app = {
    name: '@team/lamps',
    app: 'lamps',
    ...addresses,
    styles: [],
    routes: [],
    headers: { 'Portico-Release': 'abc1' },
  };
  stubPage({ apps: [app], user: sub === null ? null : { sub, name: '', roles: [] } });
  const sent: Request[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    sent.push(new Request(new URL(url, location.href), init));
    const response = responses.shift();
    if (response instanceof Response) return response;
    throw response ?? new Error('nothing more to answer');
  });
  const sdk = await import('../public.ts');
  return { sdk, api: sdk.apiFor('@team/lamps'), sent };
}

const json = (body: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(body), { headers: { 'Content-Type': 'application/json' }, ...init });

afterEach(() => void vi.unstubAllGlobals());

describe('calls to a BFF', () => {
  it('go to its address with the header that the gateway requires', async () => {
    const { api, sent } = await client(json({ on: true }));
    const query = { room: 'blue hall', floor: 2, dim: false, none: undefined, nil: null };
    expect(await api.get('/lamps/7', { query })).toEqual({ on: true });
    expect(sent[0]?.url).toBe('https://portico.test/api/lamps/lamps/7?room=blue+hall&floor=2&dim=false');
    expect(sent[0]?.headers.get('X-Portico')).toBe('1');
    expect(sent[0]?.headers.has('Content-Type')).toBe(false);
  });

  it('say whom the page is for, and nothing when it is for nobody', async () => {
    const signedIn = await clientFor('idp|Zoë', json({}));
    await signedIn.api.get('/lamps');
    expect(signedIn.sent[0]?.headers.get('Portico-Person')).toBe('idp%7CZo%C3%AB');
    const nobody = await client(json({}));
    await nobody.api.get('/lamps');
    expect(nobody.sent[0]?.headers.has('Portico-Person')).toBe(false);
  });

  it('say which release of the app the page has', async () => {
    const { api, sent } = await client(json({}));
    await api.get('/lamps');
    expect(sent[0]?.headers.get('Portico-Release')).toBe('abc1');
  });

  it('send JSON, and an answer without a body is undefined', async () => {
    const { api, sent } = await client(new Response(null, { status: 204 }));
    expect(await api.put('/lamps/7', { on: false })).toBeUndefined();
    expect(sent[0]?.method).toBe('PUT');
    expect(await sent[0]?.json()).toEqual({ on: false });
  });

  it('carry a key of their own when they are commands, or the one given', async () => {
    const { api, sent } = await client(json({}), json({}), json({}));
    await api.command('/switch', {});
    await api.command('/switch', {}, { idempotencyKey: 'mine' });
    await api.post('/switch', {});
    const keys = sent.map((request) => request.headers.get('Idempotency-Key'));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys.slice(1)).toEqual(['mine', null]);
  });

  it('reject with the problem when the server says no', async () => {
    const body = { type: 'https://portico.dev/problems/lamp-missing', title: 'No such lamp' };
    const { sdk, api } = await client(
      json(body, { status: 404, headers: { 'Content-Type': 'application/problem+json' } }),
    );
    const error = await api.delete('/lamps/7').catch((reason) => reason);
    expect(error).toBeInstanceOf(sdk.ProblemError);
    expect(error).toMatchObject({ code: 'lamp-missing', status: 404 });
  });

  it('reject with a network error when nobody answers, and pass an abort on as it is', async () => {
    const { sdk, api } = await client(new TypeError('Failed to fetch'), new DOMException('gone', 'AbortError'));
    const unanswered = await api.get('/').catch((reason) => reason);
    expect(unanswered).toBeInstanceOf(sdk.NetworkError);
    expect((unanswered as Error).cause).toBeInstanceOf(TypeError);
    await expect(api.get('/', { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('tell the page of a 401 until nobody listens any more', async () => {
    const refused = () => new Response(null, { status: 401 });
    const { sdk, api } = await client(refused(), refused());
    const heard: string[] = [];
    const stop = sdk.events.on('signed-out', ({ app }) => heard.push(app));
    await expect(api.get('/')).rejects.toBeInstanceOf(sdk.SignedOutError);
    stop();
    await expect(api.get('/')).rejects.toBeInstanceOf(sdk.SignedOutError);
    expect(heard).toEqual(['lamps']);
  });

  it('use the address of the short name for an app that this page does not list', async () => {
    const { sdk } = await client();
    expect(sdk.apiFor('doors').base).toBe('/api/doors');
  });
});

describe('GraphQL operations', () => {
  it('ask for the GraphQL media type and answer the data', async () => {
    const { api, sent } = await client(new Response('{"data":{"lamp":{"on":true}}}', { headers: GRAPHQL }));
    const data = await api.graphql<{ lamp: { on: boolean } }, { id: string }>('query Lamp($id: ID!) { lamp }', {
      id: '7',
    });
    expect(data.lamp.on).toBe(true);
    expect(sent[0]?.url).toBe('https://portico.test/api/lamps/graphql');
    expect(sent[0]?.headers.get('Accept')).toBe('application/graphql-response+json');
    expect(await sent[0]?.json()).toEqual({ query: 'query Lamp($id: ID!) { lamp }', variables: { id: '7' } });
  });

  it('send the key of a mutation', async () => {
    const { api, sent } = await client(new Response('{"data":{}}', { headers: GRAPHQL }));
    await api.graphql('mutation { on }', {}, { idempotencyKey: 'once' });
    expect(sent[0]?.headers.get('Idempotency-Key')).toBe('once');
  });

  it.each([200, 400])('reject with the errors of the response, whatever its status (%i)', async (status) => {
    const body = {
      data: { lamp: null },
      errors: [{ message: 'Too dark', path: ['lamp'], extensions: { code: 'DARK' } }],
    };
    const { sdk, api } = await client(new Response(JSON.stringify(body), { status, headers: GRAPHQL }));
    const error = await api.graphql('{ lamp }').catch((reason) => reason);
    expect(error).toBeInstanceOf(sdk.GraphQLError);
    expect(error).toMatchObject({ message: 'Too dark', code: 'DARK', data: { lamp: null } });
  });

  it('reject with the problem when the gateway answers instead', async () => {
    const down = new Response('{"title":"Down"}', {
      status: 503,
      headers: { 'Content-Type': 'application/problem+json' },
    });
    const { sdk, api } = await client(down);
    await expect(api.graphql('{ lamp }')).rejects.toBeInstanceOf(sdk.ProblemError);
  });
});
