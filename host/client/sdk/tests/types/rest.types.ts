/** Checked by the compiler: what a client typed by an OpenAPI document takes and answers. Never run. */

import type { Api, RestApi } from '@portico/sdk';

interface Lamp {
  readonly room: string;
}

interface Answer<Body> {
  readonly responses: { readonly 200: { readonly content: { readonly 'application/json': Body } } };
}

/** As `openapi-typescript` writes it. */
interface Paths {
  readonly '/lamps': {
    readonly get: Answer<readonly Lamp[]> & { readonly parameters: { readonly query?: { readonly room?: string } } };
    readonly post: {
      readonly requestBody: { readonly content: { readonly 'application/json': Lamp } };
      readonly responses: {
        readonly 201: { readonly content: { readonly 'application/json': { readonly id: string } } };
      };
    };
  };
  readonly '/lamps/{id}': {
    readonly get: Answer<Lamp>;
    readonly post?: never;
    readonly delete: { readonly responses: { readonly 204: { readonly content?: never } } };
  };
}

export async function checked(api: Api, id: string): Promise<void> {
  const lamps: RestApi<Paths> = api;
  const all: readonly Lamp[] = await lamps.get('/lamps', { query: { room: 'hall' } });
  const one: Lamp = await lamps.get(`/lamps/${encodeURIComponent(id)}`);
  const made: { readonly id: string } = await lamps.post('/lamps', { room: 'hall' });
  const nothing: undefined = await lamps.delete(`/lamps/${id}`);
  void [all, one, made, nothing];
  // @ts-expect-error: there is no such path
  await lamps.get('/lamp');
  // @ts-expect-error: nothing can be posted there
  await lamps.post(`/lamps/${id}`);
  // @ts-expect-error: a lamp has a room
  await lamps.post('/lamps', { rom: 'hall' });
  // @ts-expect-error: there is no such parameter
  await lamps.get('/lamps', { query: { floor: 2 } });
  // @ts-expect-error: one lamp is not a list
  const wrong: readonly Lamp[] = await lamps.get(`/lamps/${id}`);
  void wrong;
}
