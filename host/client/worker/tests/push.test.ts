import { describe, expect, it } from 'vitest';
import { follow, notificationOf, renew } from '../push.ts';

const ORIGIN = 'https://portico.test';

describe('a push message', () => {
  it('is shown with its words, its place to go, and once', () => {
    const text = JSON.stringify({ id: 'e.7', title: 'Changed', body: 'A thing changed', href: '/things/1' });
    expect(notificationOf(text, 'ar')).toEqual({
      title: 'Changed',
      options: { body: 'A thing changed', data: { href: '/things/1' }, tag: 'e.7' },
    });
  });

  it.each([null, '', 'words', 'null', '{"title":7}'])('that says %j is shown all the same', (text) => {
    expect(notificationOf(text, 'en-GB').title).toBe('Something new');
  });

  it('that says nothing is shown in the language of the browser', () => {
    expect(notificationOf(null, 'ar-EG').title).toBe('شيء جديد');
  });
});

describe('a notification leads', () => {
  async function went(data: unknown, open: string[] = []): Promise<string[]> {
    const log: string[] = [];
    const page = (url: string) => ({ url, focus: async () => void log.push(`focus ${url}`) });
    const matchAll = async () => open.map(page);
    await follow(data, { matchAll, openWindow: async (url) => void log.push(`open ${url}`) }, ORIGIN);
    return log;
  }

  it('to its page', async () => {
    expect(await went({ href: '/things/1?a=b' })).toEqual([`open ${ORIGIN}/things/1?a=b`]);
  });

  it('to the open page that shows it already', async () => {
    const open = [`${ORIGIN}/`, `${ORIGIN}/things/1#part`];
    expect(await went({ href: '/things/1' }, open)).toEqual([`focus ${ORIGIN}/things/1#part`]);
  });

  it.each(['https://evil.test/', '//evil.test/', '/\\evil.test/', 'javascript:alert(1)', 'http://[', 7, undefined])(
    'to the start when it names %j',
    async (href) => {
      expect(await went({ href })).toEqual([`open ${ORIGIN}/`]);
    },
  );

  it('to the start when it names nothing', async () => {
    expect(await went(null)).toEqual([`open ${ORIGIN}/`]);
  });
});

describe('a subscription that the browser has ended', () => {
  const subscription = (endpoint: string) =>
    ({ endpoint, options: { userVisibleOnly: true }, toJSON: () => ({ endpoint }) }) as unknown as PushSubscription;

  async function renewed(change: Parameters<typeof renew>[0]): Promise<string[]> {
    const log: string[] = [];
    const manager = { subscribe: async () => subscription('made') };
    const fetch = async (url: string, { method, headers, body }: RequestInit): Promise<Response> => {
      log.push(`${method} ${url} ${new Headers(headers).get('Portico-Person')} ${body}`);
      return new Response();
    };
    await renew(change, { manager, fetch, sub: 'idp|ada' });
    return log;
  }

  it('is replaced by the browser’s new one, or by one like it', async () => {
    const tell = (next: string) => [
      `PUT /_portico/push idp%7Cada {"endpoint":"${next}"}`,
      'DELETE /_portico/push idp%7Cada {"endpoint":"old"}',
    ];
    expect(await renewed({ oldSubscription: subscription('old'), newSubscription: subscription('new') })).toEqual(
      tell('new'),
    );
    expect(await renewed({ oldSubscription: subscription('old') })).toEqual(tell('made'));
    expect(await renewed({})).toEqual([]);
  });
});
