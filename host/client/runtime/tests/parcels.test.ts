import type { ParcelConfig, ParcelHookProps, ParcelProps, SingleSpa } from '@portico/sdk';
import { describe, expect, it, vi } from 'vitest';
import { ParcelHouse } from '../parcels.ts';

const singleSpa = {} as SingleSpa;
const domElement = {} as HTMLElement;

function greeting(log: string[], changes: Partial<ParcelConfig> = {}): ParcelConfig {
  const note = (name: string) => (props: ParcelHookProps) => void log.push(`${name} ${String(props.text)}`);
  return {
    bootstrap: note('bootstrap'),
    mount: note('mount'),
    unmount: note('unmount'),
    update: note('update'),
    ...changes,
  };
}

describe('a parcel', () => {
  it('goes through its life, and its promises settle with each step', async () => {
    const log: string[] = [];
    const parcel = new ParcelHouse(() => singleSpa).mountParcel(greeting(log), { domElement, text: 'hello' });
    await parcel.mountPromise;
    expect(parcel.getStatus()).toBe('MOUNTED');
    await parcel.update?.({ text: 'bye' });
    await parcel.unmount();
    await parcel.unmountPromise;
    expect(parcel.getStatus()).toBe('NOT_MOUNTED');
    expect(log).toEqual(['bootstrap hello', 'mount hello', 'update bye', 'unmount bye']);
  });

  it('can be loaded by a function, has no update without one, and can be mounted again', async () => {
    const log: string[] = [];
    const load = async () => greeting(log, { update: undefined });
    const parcel = new ParcelHouse(() => singleSpa).mountParcel(load, { domElement, text: 'x' });
    await parcel.mountPromise;
    expect(parcel.update).toBeUndefined();
    await parcel.unmount();
    await parcel.mount();
    expect(log).toEqual(['bootstrap x', 'mount x', 'unmount x', 'mount x']);
  });

  it('gets what single-spa gives it, and can unmount itself', async () => {
    const mount = vi.fn();
    const props: ParcelProps = { domElement, text: 'x' };
    const house = new ParcelHouse(() => singleSpa);
    const parcel = house.mountParcel({ ...greeting([]), name: 'hi', mount }, props);
    await parcel.mountPromise;
    const given = mount.mock.calls[0]?.[0] as ParcelHookProps;
    expect(given).toMatchObject({ ...props, singleSpa, mountParcel: house.mountParcel });
    expect(given.name).toMatch(/^hi-\d+$/);
    await given.unmountSelf();
    expect(parcel.getStatus()).toBe('NOT_MOUNTED');
  });

  it('is broken by a step that fails, and only the promises of that step on reject', async () => {
    const broken = greeting([], { mount: () => Promise.reject(new Error('no room')) });
    const parcel = new ParcelHouse(() => singleSpa).mountParcel(broken, { domElement });
    await parcel.bootstrapPromise;
    await expect(parcel.mountPromise).rejects.toThrow('no room');
    expect(parcel.getStatus()).toBe('SKIP_BECAUSE_BROKEN');
    expect(() => parcel.unmount()).toThrow('SKIP_BECAUSE_BROKEN');
  });

  it('must have mount and unmount', async () => {
    const parcel = new ParcelHouse(() => singleSpa).mountParcel(async () => ({}) as ParcelConfig, { domElement });
    await expect(parcel.mountPromise).rejects.toThrow('needs mount and unmount');
  });

  it('ends with its house', async () => {
    const log: string[] = [];
    const house = new ParcelHouse(() => singleSpa);
    const staying = house.mountParcel(greeting(log), { domElement, text: 'staying' });
    const gone = house.mountParcel(greeting(log), { domElement, text: 'gone' });
    await Promise.all([staying.mountPromise, gone.mountPromise]);
    await gone.unmount();
    log.length = 0;
    await house.close();
    expect(log).toEqual(['unmount staying']);
  });
});
