/** A network between an outbox and a server that fails as it is told, one fault per request. */

import type { Fetch } from '../public.ts';
import { type Arrived, arrived, type Reply, respond, type SimulatedServer } from './server.ts';

export const FAULTS = [
  'none',
  'before-delivery',
  'before-reply',
  'mid-body',
  'late',
  'captive-portal',
  'redirect',
  'status-408',
  'status-429',
  'status-500',
  'status-503',
  'in-progress',
] as const;
export type Fault = (typeof FAULTS)[number];

export class FaultyNetwork {
  /** What happens to the next requests; then nothing does. */
  faults: Fault[] = [];
  /** Requests that are still on their way although nobody waits for them. */
  readonly late: Arrived[] = [];
  readonly seen: Arrived[] = [];

  constructor(readonly server: SimulatedServer) {}

  readonly fetch: Fetch = async (url, init) => {
    const request = arrived(url, init);
    this.seen.push(request);
    if (init.redirect !== 'manual') throw new Error('a redirect would be followed');
    const fault = this.faults.shift() ?? 'none';
    await Promise.resolve();
    return this.#answer(fault, request);
  };

  /** Everything that was late arrives. */
  deliver(): void {
    for (const request of this.late.splice(0)) this.server.handle(request);
  }

  #answer(fault: Fault, request: Arrived): Response {
    switch (fault) {
      case 'none':
        return respond(this.server.handle(request));
      case 'before-delivery':
        throw new TypeError('Failed to fetch');
      case 'late':
        this.late.push(request);
        throw new TypeError('Failed to fetch');
      case 'before-reply':
        this.server.handle(request);
        throw new TypeError('Failed to fetch');
      case 'mid-body':
        return cut(this.server.handle(request));
      case 'captive-portal':
        return new Response('<title>Welcome to the hotel</title>', { headers: { 'Content-Type': 'text/html' } });
      case 'redirect':
        return Response.error();
      case 'in-progress':
        return busy(request, 409, 'command-in-progress', { 'Retry-After': '1' });
      case 'status-503':
        return busy(request, 503, 'store-unavailable', { 'Retry-After': '2' });
      default:
        return busy(request, Number(fault.slice('status-'.length)), 'busy', {});
    }
  }
}

function cut({ status, headers }: Reply): Response {
  const body = new ReadableStream({
    pull: (controller) => controller.error(new TypeError('network error')),
  });
  return new Response(status === 204 ? null : body, { status, headers });
}

function busy(request: Arrived, status: number, code: string, headers: Record<string, string>): Response {
  const receipt = request.headers.get('idempotency-key') ?? '1';
  return respond({
    status,
    headers: { ...headers, 'Portico-Receipt': receipt, 'Content-Type': 'application/problem+json' },
    body: { type: `https://portico.dev/problems/${code}`, title: code, status },
  });
}
