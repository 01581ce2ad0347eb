import type { Incoming } from '@portico/local';
import { describe, expect, it } from 'vitest';
import type { End } from '../../offline/ladder.ts';
import { longPoll } from '../../offline/transports/poll.ts';
import { serverSentEvents } from '../../offline/transports/sse.ts';
import type { Transport } from '../../offline/transports/transport.ts';

const RECEIPT = { 'Portico-Receipt': '1' };
const HELLO = { type: 'hello', head: null, oldest: null, epoch: 'e', region: 'north', heartbeat: 15_000 };

/** A server whose answers are given; it keeps what was asked. */
class Server {
  readonly asked: { readonly url: string; readonly headers: Record<string, string> }[] = [];
  constructor(readonly answers: (Response | Error)[]) {}

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    this.asked.push({ url, headers: init.headers as Record<string, string> });
    const answer = this.answers.shift() ?? new TypeError('no network');
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

async function run(transport: Transport, cursor: string | null = null): Promise<{ heard: Incoming[][]; end: End }> {
  const heard: Incoming[][] = [];
  const end = await transport({
    cursor: async () => cursor,
    hear: async (incoming) => void heard.push([...incoming]),
    signal: new AbortController().signal,
  });
  return { heard, end };
}

function stream(...chunks: string[]): Response {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of bytes) controller.enqueue(chunk);
      controller.close();
    },
  });
  return new Response(body, { headers: RECEIPT });
}

describe.each([
  ['server-sent events', (server: Server) => serverSentEvents({ fetch: server.fetch, sub: 'ann é' })],
  ['long polls', (server: Server) => longPoll({ fetch: server.fetch, sub: 'ann é' })],
])('%s', (_, make) => {
  it('say who asks, and from where on', async () => {
    const server = new Server([]);
    await run(make(server), 'e.7');
    expect(server.asked[0]?.url).toMatch(/^\/live\?after=e\.7/);
    expect(server.asked[0]?.headers).toMatchObject({ 'X-Portico': '1', 'Portico-Person': 'ann%20%C3%A9' });
  });

  it('are unreachable without an answer, and with one that has no receipt', async () => {
    expect((await run(make(new Server([new TypeError('no network')])))).end).toEqual({ kind: 'unreachable' });
    expect((await run(make(new Server([new Response('<h1>Wi-Fi</h1>')])))).end).toEqual({ kind: 'unreachable' });
  });

  it('tell a refusal with its status and how long to wait', async () => {
    const busy = new Response('{}', { status: 503, headers: { ...RECEIPT, 'Retry-After': '7' } });
    expect((await run(make(new Server([busy])))).end).toEqual({ kind: 'refused', status: 503, retryMs: 7_000 });
    const out = new Response('{}', { status: 401, headers: RECEIPT });
    expect((await run(make(new Server([out])))).end).toEqual({ kind: 'refused', status: 401, retryMs: null });
  });

  it('are stopped and not unreachable when the page ends them', async () => {
    const signal = AbortSignal.abort();
    const server = new Server([new DOMException('', 'AbortError')]);
    const end = await make(server)({ cursor: async () => null, hear: async () => {}, signal });
    expect(end).toEqual({ kind: 'stopped' });
  });
});

describe('server-sent events', () => {
  const events = (...chunks: string[]) =>
    run(serverSentEvents({ sub: 's', fetch: new Server([stream(...chunks)]).fetch }));

  it('hand on what came together, in order, whatever way the bytes were cut', async () => {
    const text = `data: ${JSON.stringify(HELLO)}\n\nid: e.1\ndata: {"id":"e.1","prev":null,"type":"x","ts":1,"data":"é"}\n\n`;
    const whole = await events(text);
    expect(whole.heard).toHaveLength(1);
    const cut = await events(...text);
    expect(cut.heard.flat()).toEqual(whole.heard.flat());
    expect(cut.heard.flat()).toMatchObject([HELLO, { id: 'e.1', data: 'é' }]);
    expect(cut.end).toEqual({ kind: 'ended' });
  });

  it('leave out what is no frame', async () => {
    const { heard } = await events('data: {"type":', '"x"\n\ndata: 7\n\n: comment\n\ndata: {"type":"beat","ts":1}\n\n');
    expect(heard.flat()).toEqual([{ type: 'beat', ts: 1 }]);
  });

  it('end when the stream is cut', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('data: {"type":"beat","ts":1}\n\n'));
      },
      pull: (controller) => controller.error(new TypeError('cut')),
    });
    const server = new Server([new Response(body, { headers: RECEIPT })]);
    const { end } = await run(serverSentEvents({ sub: 's', fetch: server.fetch }));
    expect(end).toEqual({ kind: 'ended' });
  });
});

describe('long polls', () => {
  const answer = (frames: unknown[], reset = false): Response =>
    Response.json({ hello: HELLO, frames, reset }, { headers: RECEIPT });
  const frame = { id: 'e.1', prev: null, type: 'x', ts: 1, data: null };

  it('ask first without waiting, then wait at the server', async () => {
    const server = new Server([answer([frame]), answer([])]);
    const { heard, end } = await run(longPoll({ fetch: server.fetch, sub: 's' }), 'e.0');
    expect(server.asked.map(({ url }) => url)).toEqual([
      '/live?after=e.0&wait=0',
      '/live?after=e.0&wait=25',
      '/live?after=e.0&wait=25',
    ]);
    expect(heard).toEqual([[HELLO, frame], [HELLO]]);
    expect(end).toEqual({ kind: 'unreachable' });
  });

  it('hand on a snapshot as one', async () => {
    const { heard } = await run(longPoll({ sub: 's', fetch: new Server([answer([frame], true)]).fetch }));
    expect(heard[0]).toEqual([HELLO, { type: 'reset', head: null, frames: [frame] }]);
  });

  it('end when an answer is cut in mid-body', async () => {
    const cut = new Response('{"hello":', { headers: RECEIPT });
    const { end } = await run(longPoll({ sub: 's', fetch: new Server([cut]).fetch }));
    expect(end).toEqual({ kind: 'ended' });
  });
});
