import type { App, AppProps } from '@portico/sdk';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Build, Fault } from '../feed.ts';
import { HotApp, run } from '../hot-app.ts';

/** What happened, in order. */
let log: string[];
let modules: Record<string, Partial<App>>;
let shown: { title: string; faults: readonly Fault[] } | undefined;

beforeEach(() => {
  log = [];
  modules = {};
  shown = undefined;
  vi.stubGlobal('scrollX', 0);
  vi.stubGlobal('scrollY', 700);
  vi.stubGlobal('scrollTo', ({ top }: { top: number }) => log.push(`scroll ${top}`));
});

function hotApp(): HotApp {
  return new HotApp('@team/shop', {
    load: async (url) => modules[url],
    remember: () => {
      log.push('remembered');
      return () => log.push('filled in');
    },
    refresh: () => void log.push('refreshed'),
    note: (text) => void log.push(text),
    sheets: {
      use: async (urls) => void (urls.length && log.push(`styles ${urls}`)),
      adoptAt: () => {},
    },
    errors: {
      show: (title, faults) => {
        shown = { title, faults };
      },
      clear: () => {
        shown = undefined;
      },
      standIn: () => log.push('stood in'),
    },
  });
}

/** A build whose life cycle writes down what it is called for. */
function build(number: number, more: Partial<App> = {}, code = `code-${number}`, styles: string[] = []): Build {
  const entry = `/b/${number}/shop.js`;
  const note = (what: string) => () => void log.push(`${what} ${number}`);
  modules[entry] = { bootstrap: note('bootstrap'), mount: note('mount'), unmount: note('unmount'), ...more };
  return { number, entry, styles, code, since: number };
}

function props(name = '@team/shop'): AppProps & { leave(): void } {
  const abort = new AbortController();
  const domElement = { replaceChildren: () => log.push('emptied'), textContent: '' };
  const mountParcel = () => ({
    getStatus: () => 'MOUNTED',
    unmount: async () => void log.push('parcel unmounted'),
  });
  const given = { name, domElement, mountParcel, portico: { signal: abort.signal, path: '/' } };
  return { ...(given as unknown as AppProps), leave: () => abort.abort() };
}

async function mounted(app: HotApp, given = props()): Promise<AppProps> {
  const { mount } = app.lifeCycle;
  await (mount as (props: AppProps) => Promise<void>)(given);
  return given;
}

describe('an app under development', () => {
  it('is mounted in its latest build, and anew in place for each that comes', async () => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    await mounted(app);
    log.length = 0;
    app.built(build(2));
    app.built(build(3));
    await app.settled;
    expect(log).toEqual([
      ...['remembered', 'unmount 1', 'emptied', 'refreshed', 'bootstrap 2', 'mount 2', 'filled in', 'scroll 700'],
      ...['remembered', 'unmount 2', 'emptied', 'refreshed', 'bootstrap 3', 'mount 3', 'filled in', 'scroll 700'],
    ]);
  });

  it('has a stand-in until it is built', async () => {
    const app = hotApp();
    app.failed([{ text: 'wrong' }]);
    await app.settled;
    await mounted(app);
    expect(log).toEqual(['stood in']);
    app.built(build(1));
    await app.settled;
    expect(log).toContain('mount 1');
  });

  it('is not mounted anew when only its style sheets changed', async () => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    await mounted(app);
    log.length = 0;
    app.built(build(2, {}, 'code-1', ['/b/2/shop.css']));
    await app.settled;
    expect(log).toEqual(['styles /b/2/shop.css']);
  });

  it('keeps what it puts into hot.data, for each name it is mounted under', async () => {
    const seen: unknown[] = [];
    const counting: Partial<App> = {
      mount: ({ name, portico }) => {
        const data = portico.hot?.data ?? {};
        seen.push([name, data.count]);
        data.count = ((data.count as number | undefined) ?? 0) + 1;
      },
    };
    const app = hotApp();
    app.built(build(1, counting));
    await app.settled;
    await mounted(app);
    await mounted(app, props('@team/shop#tools'));
    app.built(build(2, counting));
    await app.settled;
    expect(seen).toEqual([
      ['@team/shop', undefined],
      ['@team/shop#tools', undefined],
      ['@team/shop', 1],
      ['@team/shop#tools', 1],
    ]);
  });

  it('ends what a build listens to and has mounted before the next one comes', async () => {
    const app = hotApp();
    const first: Partial<App> = {
      mount: ({ portico, mountParcel, domElement }) => {
        portico.signal.addEventListener('abort', () => log.push('aborted'));
        mountParcel({ mount: [], unmount: [] }, { domElement });
      },
    };
    app.built(build(1, first));
    await app.settled;
    await mounted(app);
    log.length = 0;
    app.built(build(2));
    await app.settled;
    expect(log.slice(1, 4)).toEqual(['aborted', 'parcel unmounted', 'unmount 1']);
  });

  it('aborts the signal of the present build when the app itself leaves', async () => {
    const app = hotApp();
    let signal: AbortSignal | undefined;
    const first: Partial<App> = {
      mount: ({ portico }) => {
        signal = portico.signal;
      },
    };
    app.built(build(1, first));
    await app.settled;
    const given = props();
    await mounted(app, given);
    expect(signal?.aborted).toBe(false);
    given.leave();
    expect(signal?.aborted).toBe(true);
  });

  it('is not mounted again after it has left', async () => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    const given = await mounted(app);
    await (app.lifeCycle.unmount as (props: AppProps) => Promise<void>)(given);
    log.length = 0;
    app.built(build(2));
    await app.settled;
    expect(log).toEqual(['scroll 700']);
  });

  it('says that a build failed, keeps the one before, and takes the word back', async () => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    await mounted(app);
    log.length = 0;
    app.failed([{ text: 'Unexpected ";"', file: 'src/index.ts', line: 1, column: 2 }]);
    await app.settled;
    expect(shown?.title).toBe('@team/shop was not built');
    expect(log).toEqual([]);
    app.built(build(2, {}, 'code-1'));
    await app.settled;
    expect(shown).toBeUndefined();
  });

  it.each([
    ['mount', { mount: () => Promise.reject(new Error('no mount')) }, 'no mount'],
    ['bootstrap', { bootstrap: () => Promise.reject(new Error('no bootstrap')) }, 'no bootstrap'],
    ['module', { mount: undefined } as unknown as Partial<App>, 'must export mount and unmount'],
  ])('says that its %s failed, and goes on with the next build', async (_, broken, text) => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    await mounted(app);
    app.built(build(2, broken));
    await app.settled;
    expect(shown?.faults[0]?.text).toContain(text);
    log.length = 0;
    app.built(build(3));
    await app.settled;
    expect(shown).toBeUndefined();
    expect(log).toContain('mount 3');
  });

  it('goes on when the build before cannot unmount', async () => {
    const app = hotApp();
    app.built(build(1, { unmount: () => Promise.reject(new Error('stuck')) }));
    await app.settled;
    await mounted(app);
    app.built(build(2));
    await app.settled;
    expect(log).toContain('mount 2');
    expect(shown?.faults[0]?.text).toContain('stuck');
  });

  it('is mounted anew when its BFF runs anew, and still says what is wrong with the build', async () => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    await mounted(app);
    log.length = 0;
    app.failed([{ text: 'a build' }]);
    app.bffFailed([{ text: 'a BFF' }]);
    await app.settled;
    expect(shown?.title).toBe('The BFF of @team/shop does not start');
    app.bffStarted();
    await app.settled;
    expect(log).toEqual(['remembered', 'unmount 1', 'emptied', 'refreshed', 'mount 1', 'filled in', 'scroll 700']);
    expect(shown?.title).toBe('@team/shop was not built');
  });

  it('fails to load where nobody serves it, with what to do, and loads once somebody does', async () => {
    const app = hotApp();
    const bootstrap = app.lifeCycle.bootstrap as () => Promise<void>;
    const first = bootstrap();
    app.lost();
    await expect(first).rejects.toThrow('turn your version off');
    const second = bootstrap();
    app.built(build(1));
    await second;
    await mounted(app);
    expect(log).toContain('mount 1');
  });

  it('stays as it is when the server goes, and goes on when it comes back', async () => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    app.lost();
    await (app.lifeCycle.bootstrap as () => Promise<void>)();
    await mounted(app);
    expect(log).toContain('mount 1');
  });
});

describe('a build that the framework can take over', () => {
  it('is not mounted, and what mounted the app ends it', async () => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    const here = props();
    await run(app.lifeCycle.mount, here);
    log = [];
    app.built({ ...build(2), since: 1 });
    app.built({ ...build(3), since: 1 });
    await app.settled;
    expect(log).toEqual(['refreshed', 'refreshed']);
    await run(app.lifeCycle.unmount, here);
    expect(log.at(-1)).toBe('unmount 1');
  });

  it('is mounted anew in a page that has missed one that it cannot, which is said once', async () => {
    const app = hotApp();
    app.built(build(1));
    await app.settled;
    await run(app.lifeCycle.mount, props());
    log = [];
    app.built({ ...build(3), since: 2, why: 'that was another' });
    app.built({ ...build(4), since: 4, why: 'that was another' });
    await app.settled;
    expect(log.filter((line) => line.includes('that was another'))).toEqual([
      '@team/shop is mounted anew, its state with it: that was another.',
    ]);
    expect(log.filter((line) => line.startsWith('mount'))).toEqual(['mount 3', 'mount 4']);
  });

  it('is one whose like was built meanwhile without a change', async () => {
    const app = hotApp();
    app.built(build(1, {}, 'same'));
    app.built(build(2, {}, 'same'));
    await app.settled;
    await run(app.lifeCycle.mount, props());
    log = [];
    app.built({ ...build(3), since: 2 });
    await app.settled;
    expect(log).toEqual(['refreshed']);
  });
});
