import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FIRST, type Status } from '../../offline/status.ts';
import { lineOf, timeOf } from '../../offline/wording.ts';
import { ar } from '../../offline/words/ar.ts';
import { en, type Words } from '../../offline/words/en.ts';

const says = (status: Partial<Status>, sent = false) => lineOf({ ...FIRST.status, keeps: true, ...status }, sent)?.text;
const since = new Date(2020, 4, 5, 14, 3); // on another day than today, also when that ends meanwhile

describe('the status line', () => {
  it('says nothing when all is well', () => {
    expect(says({})).toBeUndefined();
    expect(says({ syncing: true, live: 'stream' })).toBeUndefined();
  });

  it.each([
    [{ online: false }, 'Offline. What you do is saved here and sent later.'],
    [{ online: false, keeps: false }, 'Offline. What you see may be out of date.'],
    [{ online: false, pending: 1 }, 'Offline. 1 change saved, waiting to be sent.'],
    [
      { online: false, staleSince: since },
      `Offline. What you do is saved here and sent later. Data from ${timeOf(since)}.`,
    ],
    [{ pending: 1 }, '1 change saved, waiting to be sent'],
    [{ pending: 2 }, '2 changes saved, waiting to be sent'],
    [{ attention: 1 }, '1 change needs your attention'],
    [{ attention: 3, online: false }, '3 changes need your attention'],
    [{ paused: true }, 'You are signed out.'],
    [{ paused: true, pending: 1 }, '1 change saved. Sign in to send it.'],
    [{ paused: true, pending: 2, attention: 1 }, '2 changes saved. Sign in to send them.'],
    [{ unsent: true, keeps: false, online: false }, 'Something done on this device waits to be sent.'],
    [{ staleSince: since }, `Data from ${timeOf(since)}`],
    [{ newVersion: true }, 'A new version is ready'],
    [{ newVersion: true, staleSince: since }, `Data from ${timeOf(since)}`],
  ] satisfies [Partial<Status>, string][])('says of %j: %s', (status, text) => {
    expect(says(status)).toBe(text);
  });

  it('says that all is sent only when nothing waits', () => {
    expect(says({}, true)).toBe('All sent');
    expect(says({ pending: 1 }, true)).toBe('1 change saved, waiting to be sent');
    expect(says({ attention: 1 }, true)).toBe('1 change needs your attention');
  });
});

describe('a time', () => {
  const now = new Date(2026, 4, 6, 18, 0);

  it('is the time of day today, and carries the day otherwise', () => {
    expect(timeOf(new Date(2026, 4, 6, 14, 3), now, 'en-GB')).toBe('14:03');
    expect(timeOf(new Date(2026, 4, 5, 14, 3), now, 'en-GB')).toBe('5 May, 14:03');
  });
});

describe('in Arabic', () => {
  beforeEach(() => vi.resetModules());

  it.each([
    [1, 'محفوظ وينتظر الإرسال: تغيير واحد'],
    [2, 'محفوظ وينتظر الإرسال: تغييران'],
    [3, 'محفوظ وينتظر الإرسال: 3 تغييرات'],
    [11, 'محفوظ وينتظر الإرسال: 11 تغييرًا'],
    [100, 'محفوظ وينتظر الإرسال: 100 تغيير'],
  ])('counts %d as the language does', async (pending, text) => {
    vi.stubGlobal('document', { documentElement: { lang: 'ar' } });
    const wording = await import('../../offline/wording.ts');
    expect(wording.lineOf({ ...FIRST.status, pending }, false)?.text).toBe(text);
  });

  it('says everything, each in words of its own', () => {
    const texts = (words: Words): string[] => Object.values(words).flatMap((part) => Object.values(part).map(said));
    const said = (text: unknown): string => String(typeof text === 'function' ? text(new Date(2026, 1, 1)) : text);
    const [arabic, english] = [texts(ar), texts(en)];
    expect(arabic).toHaveLength(english.length);
    expect(arabic.filter((text) => !/[\u0600-\u06ff]/.test(text))).toEqual(['waiting-changes-2026-02-01.json']);
  });
});

describe('what the device notes of a problem', () => {
  it.each(['network', 'no-receipt', 'status-500'])('is in the language of the page: %s', async (code) => {
    vi.resetModules();
    vi.stubGlobal('document', { documentElement: { lang: 'ar' } });
    const { inWords } = await import('../../offline/wording.ts');
    const status = code === 'status-500' ? 500 : 0;
    expect(inWords({ code, title: `The server answered ${status}`, status }).title).toMatch(/[\u0600-\u06ff]/);
    expect(inWords({ code: 'taken', title: 'Taken', status: 409 }).title).toBe('Taken');
  });
});
