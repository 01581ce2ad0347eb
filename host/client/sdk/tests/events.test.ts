import { describe, expect, it, vi } from 'vitest';
import { defineApp } from '../app.ts';
import { Events } from '../events.ts';

interface Lights {
  on: { readonly room: string };
  off: null;
}

describe('events', () => {
  it('reach the listeners of their type until they stop', () => {
    const events = new Events<Lights>();
    const heard: string[] = [];
    const stop = events.on('on', ({ room }) => heard.push(room));
    events.emit('on', { room: 'hall' });
    events.emit('off', null);
    stop();
    events.emit('on', { room: 'attic' });
    expect(heard).toEqual(['hall']);
  });

  it('end with an abort signal', () => {
    const events = new Events<Lights>();
    const listener = vi.fn();
    const abort = new AbortController();
    events.on('off', listener, { signal: abort.signal });
    abort.abort();
    events.emit('off', null);
    expect(listener).not.toHaveBeenCalled();
  });
});

describe('defineApp', () => {
  it('fills in what an app left out: bootstrap does nothing, unmount empties the root', () => {
    const root = { replaceChildren: vi.fn() };
    const { bootstrap, unmount, update } = defineApp({ mount: () => {} });
    expect(bootstrap).toEqual([]);
    (unmount as (props: unknown) => void)({ domElement: root });
    expect(root.replaceChildren).toHaveBeenCalledOnce();
    expect(update).toBeUndefined();
  });

  it('leaves what an app gave alone', () => {
    const hooks = { bootstrap: vi.fn(), mount: vi.fn(), unmount: vi.fn(), update: vi.fn() };
    expect(defineApp(hooks)).toEqual(hooks);
  });
});
