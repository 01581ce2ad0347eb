import { describe, expect, it } from 'vitest';
import { type Message, Messages } from '../messages.ts';

class MemoryStore {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
}

/** A page of a tab: the store outlives it. */
function page(store = new MemoryStore(), person = 'ana') {
  const reported: unknown[] = [];
  const messages = new Messages(
    () => store,
    () => `kept:${person}`,
    (reason) => reported.push(reason),
  );
  return { store, messages, reported };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('messages between apps', () => {
  it('reach a subscriber of their name at once, and no other', async () => {
    const { messages } = page();
    const heard: unknown[] = [];
    messages.subscribe('lamp.lit/1', ({ data }) => heard.push(data));
    messages.publish('lamp.lit/1', { room: 7 });
    messages.publish('lamp.lit/2', { rooms: [7] });
    await settled();
    expect(heard).toEqual([{ room: 7 }]);
  });

  it('wait for a subscriber, also across a page load, and are handed over first come, first served', async () => {
    const { store, messages } = page();
    const ids = [messages.publish('lamp.lit/1', 1), messages.publish('lamp.lit/1', 2)];
    const taken: Message[] = [];
    page(store).messages.subscribe('lamp.lit/1', (message) => taken.push(message));
    await settled();
    expect(taken).toEqual(ids.map((id, index) => ({ id, name: 'lamp.lit/1', data: index + 1 })));
  });

  it('are handed over once when they were taken', async () => {
    const { store, messages } = page();
    messages.publish('lamp.lit/1', 1);
    let count = 0;
    messages.subscribe('lamp.lit/1', () => count++);
    await settled();
    page(store).messages.subscribe('lamp.lit/1', () => count++);
    await settled();
    expect(count).toBe(1);
  });

  it('are kept, with their id, when the subscriber fails', async () => {
    const { store, messages, reported } = page();
    const id = messages.publish('lamp.lit/1', 1);
    messages.subscribe('lamp.lit/1', () => Promise.reject(new Error('dark')));
    await settled();
    expect(reported).toEqual([new Error('dark')]);
    const taken: string[] = [];
    page(store).messages.subscribe('lamp.lit/1', (message) => taken.push(message.id));
    await settled();
    expect(taken).toEqual([id]);
  });

  it('are not handed over again while they are being taken', async () => {
    const { messages } = page();
    let release = (): void => undefined;
    let count = 0;
    messages.subscribe('lamp.lit/1', () => {
      count++;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    messages.publish('lamp.lit/1', 1);
    messages.publish('lamp.out/1', 2);
    await settled();
    release();
    expect(count).toBe(1);
  });

  it('do not go to who has stopped listening', async () => {
    const { messages } = page();
    const heard: unknown[] = [];
    const control = new AbortController();
    messages.subscribe('lamp.lit/1', () => heard.push('by signal'), { signal: control.signal });
    messages.subscribe('lamp.lit/1', () => heard.push('by function'))();
    control.abort();
    messages.publish('lamp.lit/1', 1);
    await settled();
    expect(heard).toEqual([]);
  });

  it('are never handed to another person', async () => {
    const { store, messages } = page();
    messages.publish('lamp.lit/1', 1);
    const heard: unknown[] = [];
    page(store, 'ben').messages.subscribe('lamp.lit/1', () => heard.push('ben'));
    await settled();
    expect(heard).toEqual([]);
  });

  it('survive a store that holds rubbish or takes nothing', async () => {
    const store = new MemoryStore();
    store.setItem('kept:ana', '{"half');
    store.setItem = () => {
      throw new Error('full');
    };
    const { messages, reported } = page(store);
    const heard: unknown[] = [];
    messages.publish('lamp.lit/1', 1);
    messages.subscribe('lamp.lit/1', ({ data }) => heard.push(data));
    await settled();
    expect(heard).toEqual([1]);
    expect(reported).toContainEqual(new Error('full'));
  });
});
