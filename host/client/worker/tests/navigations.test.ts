import { describe, expect, it } from 'vitest';
import { navigate } from '../navigations.ts';
import { answer, ManualClock, open } from './fakes.ts';

const page = (): Response => new Response('kept');

function world(kept: Response | undefined = page(), online = true) {
  const clock = new ManualClock();
  return { clock, deps: { clock, document: async () => kept, seemsOnline: () => online } };
}

const shown = async (response: Promise<Response>): Promise<string> => (await response).text();

describe('a navigation', () => {
  it.each([200, 401, 403, 404])('is answered by the network, also with %i', async (status) => {
    const { deps } = world();
    expect(await shown(navigate(Promise.resolve(answer('net', { status })), deps))).toBe('"net"');
  });

  it.each([
    ['an error of the server', answer('', { status: 502 })],
    ['a captive portal', new Response('Log in')],
    [
      'a redirect that says nothing of itself',
      Object.defineProperty(new Response(''), 'type', { value: 'opaqueredirect' }),
    ],
  ])('gets the kept document instead of %s', async (_, response) => {
    expect(await shown(navigate(Promise.resolve(response), world().deps))).toBe('kept');
  });

  it('gets the kept document when there is no network', async () => {
    expect(await shown(navigate(Promise.reject(new TypeError('none')), world().deps))).toBe('kept');
  });

  it('waits three seconds for the network', async () => {
    const { clock, deps } = world();
    const answered = navigate(open<Response>().promise, deps);
    await clock.advance(2999);
    expect(clock.waits).toEqual([1]);
    await clock.advance(1);
    expect(await shown(answered)).toBe('kept');
  });

  it('waits a moment only when the browser says that there is no network, which may be wrong', async () => {
    const { clock, deps } = world(page(), false);
    const late = navigate(open<Response>().promise, deps);
    await clock.advance(100);
    expect(await shown(late)).toBe('kept');
    expect(await shown(navigate(Promise.resolve(answer('net')), deps))).toBe('"net"');
  });

  it('is the network’s, however late or wrong, when nothing is kept', async () => {
    const { clock, deps } = world(undefined);
    Object.assign(deps, { document: async () => undefined });
    const { promise, resolve } = open<Response>();
    const late = navigate(promise, deps);
    await clock.advance(60_000);
    resolve(new Response('Log in'));
    expect(await shown(late)).toBe('Log in');
    await expect(navigate(Promise.reject(new TypeError('none')), deps)).rejects.toThrow('none');
  });

  it('is the network’s when what is kept cannot be read', async () => {
    const { deps } = world();
    Object.assign(deps, { document: () => Promise.reject(new Error('broken disk')) });
    expect(await shown(navigate(Promise.resolve(answer('net')), deps))).toBe('"net"');
    await expect(navigate(Promise.reject(new TypeError('none')), deps)).rejects.toThrow('none');
  });
});
