import 'fake-indexeddb/auto';
import { Inbox, type Local, Outbox, openPerson, Patches } from '@portico/local';
import { beforeEach, describe, expect, it } from 'vitest';
import { ChannelHub, LockManagerFake, seeded } from '../../local/tests/fakes.ts';
import { readsOf } from '../names.ts';
import { Sending } from '../sending.ts';
import { answer, answersOn, ManualClock, MemoryShelves } from './fakes.ts';

/** One person's device and a server that answers every command in the same way. */
class World {
  readonly clock = new ManualClock();
  readonly shelves = new MemoryShelves();
  readonly sub = crypto.randomUUID();
  person: string | null = this.sub;
  status = 201;
  readonly sent: string[] = [];
  readonly opened: Local[] = [];
  readonly answers = answersOn(this.shelves, this.clock);
  readonly sending = new Sending({
    owner: { current: async () => (this.person === null ? null : { sub: this.person, hash: 'hash' }) },
    open: (sub) => this.open(sub),
    answers: this.answers,
    clock: this.clock,
  });

  async open(sub: string): Promise<Local> {
    const { clock } = this;
    const db = await openPerson(sub);
    const channel = new ChannelHub().open();
    const outbox = new Outbox({
      db,
      clock,
      channel,
      random: seeded(1),
      locks: new LockManagerFake().of({}),
      person: () => this.person,
      report: (error) => {
        throw error;
      },
      fetch: async (url, init) => {
        const key = new Headers(init.headers).get('Idempotency-Key') ?? '';
        this.sent.push(`${init.method} ${url}`);
        return answer({}, { status: this.status, headers: { 'Portico-Receipt': key } });
      },
    });
    const close = (): void => db.close();
    const local: Local = {
      sub,
      db,
      channel,
      outbox,
      inbox: new Inbox({ db, clock, channel }),
      patches: new Patches(db),
      close,
    };
    this.opened.push(local);
    return local;
  }

  async enqueue(): Promise<void> {
    const { outbox } = await this.open(this.sub);
    const updates = [{ app: 'notes', read: { path: '/things/1' }, merge: { name: 'new' } }];
    await outbox.enqueue({ app: 'notes', describe: 'Rename', url: '/api/notes/things/1', method: 'PUT', updates });
  }

  async keep(body: unknown): Promise<void> {
    const headers = { 'Content-Type': 'application/json', 'Portico-As-Of': new Date(this.clock.now()).toISOString() };
    const shelf = await this.shelves.open(readsOf('hash', 'notes'));
    await shelf.put('/api/notes/things/1', new Response(JSON.stringify(body), { headers }));
  }

  async kept(): Promise<unknown> {
    const shelf = await this.shelves.open(readsOf('hash', 'notes'));
    return (await shelf.get('/api/notes/things/1'))?.json();
  }
}

let world: World;
beforeEach(() => {
  world = new World();
});

const states = async () => {
  const rows = await world.sending.patches(world.sub, { path: '/things/1' }, 'notes');
  return rows.map(({ state }) => state);
};

describe('what waits', () => {
  it('is sent for the person whose pages are open', async () => {
    await world.enqueue();
    expect(await world.sending.flush(world.sub, false)).toBeNull();
    expect(world.sent).toEqual(['PUT /api/notes/things/1']);
  });

  it('is not sent for anybody else', async () => {
    await world.enqueue();
    world.person = 'another';
    await world.sending.flush(world.sub, true);
    world.person = null;
    await world.sending.flush(world.sub, true);
    expect(world.sent).toEqual([]);
  });

  it('says when there is something to do again', async () => {
    await world.enqueue();
    world.status = 503;
    expect(await world.sending.flush(world.sub, false)).toBeGreaterThan(world.clock.now());
  });
});

describe('what a command changes', () => {
  it('is known while it waits and after it was done, until it is part of what is kept', async () => {
    await world.keep({ name: 'old', size: 1 });
    await world.clock.advance(1000);
    await world.enqueue();
    expect(await states()).toEqual(['pending']);
    await world.sending.flush(world.sub, false);
    expect(await states()).toEqual(['confirmed']);
    expect(await world.kept()).toEqual({ name: 'old', size: 1 });
    await world.clock.advance(2 * 60_000 + 1000);
    await world.sending.flush(world.sub, false);
    expect(await states()).toEqual([]);
    expect(await world.kept()).toEqual({ name: 'new', size: 1 });
  });

  it('does not change what was asked for after it was done', async () => {
    await world.enqueue();
    await world.sending.flush(world.sub, false);
    await world.clock.advance(2 * 60_000 + 1000);
    await world.keep({ name: 'newest' });
    await world.sending.flush(world.sub, false);
    expect(await world.kept()).toEqual({ name: 'newest' });
  });

  it('is nothing on a device that keeps no data', async () => {
    const broken = new Sending({ ...world.sending.deps, open: async () => Promise.reject(new Error('no storage')) });
    expect(await broken.patches(world.sub, { path: '/things/1' }, 'notes')).toEqual([]);
  });
});

it('opens nothing of somebody who has signed out, for a reading that was on its way', async () => {
  world.person = null;
  expect(await world.sending.patches(world.sub, { path: '/things/1' }, 'notes')).toEqual([]);
  expect(world.opened).toEqual([]);
});

it('lets go of one person’s data when it opens another’s', async () => {
  await world.sending.flush(world.sub, false);
  const [first] = world.opened;
  world.person = `${world.sub}-other`;
  await world.sending.flush(world.person, false);
  await expect(first?.outbox.entries()).rejects.toMatchObject({ code: 'closed' });
  await world.sending.close();
  await world.sending.close();
});
