/** Keeps one connection for live updates open: chooses the transport, stores what comes, mends gaps, comes again. */

import { type Control, type Frame, type Incoming, isFrame } from '@portico/local';
import { type Clock, sleep } from './clock.ts';

import {
  type Attempt,
  after,
  climb,
  type End,
  GROUND,
  HELLO_LIMIT_MS,
  type Ladder,
  POLL_HELLO_LIMIT_MS,
  PROBE_AFTER_MS,
  pause,
  type Rung,
  transportOf,
} from './ladder.ts';
import type { LiveMode } from './status.ts';
import type { Pulled } from './transports/poll.ts';
import type { Transport } from './transports/transport.ts';
import { Watchdog } from './watchdog.ts';

/** Where frames are kept: frames and cursor change in one transaction. */
export interface FrameStore {
  cursor(): Promise<string | null>;
  /** Stores what is new; `gap` when a frame does not follow the cursor, and then nothing after the gap is stored. */
  apply(frames: readonly Frame[]): Promise<{ readonly gap: boolean }>;
  /** Takes the server's snapshot in the place of what is stored. */
  reset(head: string | null, frames: readonly Frame[]): Promise<void>;
}

/** What is told of the connection. */
export interface LiveState {
  readonly live: LiveMode;
  readonly region: string | null;
  /** Whether the last request reached the server; `null` when there is no news of that. */
  readonly online: boolean | null;
  /** Whether the server says that this person is not, or no longer, signed in. */
  readonly signedOut: boolean;
}

export interface ConnectionDeps {
  readonly transports: Readonly<Record<Rung, Transport>>;
  /** One question for what came after the cursor. */
  readonly pull: (cursor: string | null, signal: AbortSignal) => Promise<Pulled | End>;
  readonly store: FrameStore;
  readonly clock: Clock;
  readonly told: (state: LiveState) => void;
  /** The live channel has this revision. */
  readonly channel: (revision: number) => void;
  readonly report: (error: unknown) => void;
}

type Attempted = Pick<Attempt, 'end' | 'hello'>;

const OFF: LiveState = { live: 'off', region: null, online: null, signedOut: false };

/** How often a pull is repeated while it brings more; a server that never comes to an end is connected to anew. */
const PULLS = 64;

export class Connection {
  #ladder: Ladder = GROUND;
  #nap = new AbortController();

  constructor(readonly deps: ConnectionDeps) {}

  /** Connects again and again until `signal` aborts or the server says that nobody is signed in. */
  async run(signal: AbortSignal): Promise<'stopped' | 'signed-out'> {
    const { clock, told } = this.deps;
    while (!signal.aborted) {
      this.#ladder = climb(this.#ladder, clock.now());
      const began = clock.now();
      const { end, hello } = await this.#connect(transportOf(this.#ladder), signal).catch((error) =>
        this.#failed(error),
      );
      if (signal.aborted) break;
      const refused = end.kind === 'refused';
      if (refused && end.status === 401) return this.#over('signed-out');
      this.#ladder = after(this.#ladder, { end, hello, lastedMs: clock.now() - began }, clock.now());
      if (end.kind === 'unreachable' || refused) told({ ...OFF, online: refused });
      await this.#rest(pause(this.#ladder, end, clock.random), signal);
    }
    return this.#over('stopped');
  }

  /** Ends the wait before the next connection: something says that it may work now. */
  wake(): void {
    this.#nap.abort();
  }

  #over<How extends string>(how: How): How {
    this.deps.told(how === 'signed-out' ? { ...OFF, online: true, signedOut: true } : OFF);
    return how;
  }

  /** The device could not store what came: it is asked for again later. */
  #failed(error: unknown): Attempted {
    this.deps.report(error);
    return { end: { kind: 'refused', status: 0, retryMs: null }, hello: false };
  }

  async #rest(ms: number, signal: AbortSignal): Promise<void> {
    this.#nap = new AbortController();
    await sleep(this.deps.clock, ms, AbortSignal.any([signal, this.#nap.signal]));
  }

  async #connect(rung: Rung, signal: AbortSignal): Promise<Attempted> {
    const { clock, store, transports } = this.deps;
    const cut = new AbortController();
    const talk = new Talk(this.deps, rung, cut);
    const climbing =
      rung === 'poll' ? clock.after(this.#ladder.since + PROBE_AFTER_MS - clock.now(), () => cut.abort()) : () => {};
    try {
      const end = await transports[rung]({
        cursor: () => store.cursor(),
        hear: (incoming) => talk.hear(incoming),
        signal: AbortSignal.any([signal, cut.signal]),
      });
      return { end: talk.end ?? end, hello: talk.hello };
    } finally {
      climbing();
      talk.stop();
    }
  }
}

/** What is said in one connection. */
class Talk {
  hello = false;
  /** How it ended, where this side knows better than the transport. */
  end: End | undefined;
  readonly #watchdog: Watchdog;

  constructor(
    readonly deps: ConnectionDeps,
    readonly rung: Rung,
    readonly cut: AbortController,
  ) {
    const limitMs = rung === 'poll' ? POLL_HELLO_LIMIT_MS : HELLO_LIMIT_MS;
    this.#watchdog = new Watchdog(deps.clock, limitMs, () => this.#finish({ kind: 'silent' }));
  }

  stop(): void {
    this.#watchdog.stop();
  }

  async hear(incoming: readonly Incoming[]): Promise<void> {
    this.#watchdog.fed();
    if (!(await this.#take(incoming))) await this.#pull();
    this.#watchdog.fed();
  }

  /** Stores frames in their order and follows control frames; false when something is missing in between. */
  async #take(incoming: readonly Incoming[]): Promise<boolean> {
    let frames: Frame[] = [];
    const stored = async (): Promise<boolean> => {
      const { gap } = frames.length ? await this.deps.store.apply(frames) : { gap: false };
      frames = [];
      return !gap;
    };
    for (const one of incoming) {
      if (isFrame(one)) frames.push(one);
      else if (!((await stored()) && (await this.#follow(one)))) return false;
    }
    return stored();
  }

  /** Does what a control frame says; false when it says that there is more to get. */
  async #follow(control: Control): Promise<boolean> {
    switch (control.type) {
      case 'hello':
        this.hello = true;
        this.#watchdog.expect(control.heartbeat);
        this.#tell(control.region);
        if (control.channel !== undefined) this.deps.channel(control.channel);
        return true;
      case 'channel':
        this.deps.channel(control.revision);
        return true;
      case 'reset':
        await this.deps.store.reset(control.head, control.frames);
        return true;
      case 'poke':
        return false;
      case 'bye':
        this.#finish({ kind: 'bye', retryMs: control.retry });
        return true;
      default:
        return true; // a beat, or a later version's: the watchdog has heard it
    }
  }

  #tell(region: string | null): void {
    this.deps.told({ live: this.rung === 'poll' ? 'poll' : 'stream', region, online: true, signedOut: false });
  }

  /** Gets what is missing, until nothing more comes. */
  async #pull(): Promise<void> {
    for (let pulls = 0; pulls < PULLS && !this.cut.signal.aborted; pulls++) {
      const pulled = await this.deps.pull(await this.deps.store.cursor(), this.cut.signal);
      if ('kind' in pulled) return this.#finish(pulled);
      const whole = await this.#take(pulled.incoming.filter((one) => one.type !== 'hello'));
      if (!whole) break; // still a gap: only a new connection helps
      if (!pulled.more) return;
    }
    this.#finish({ kind: 'ended' });
  }

  #finish(end: End): void {
    this.end ??= end;
    this.cut.abort();
  }
}
