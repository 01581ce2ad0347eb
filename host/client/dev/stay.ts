/** One stay of the app in the page, through any number of builds. */

import type { AppProps, MountParcel, Parcel } from '@portico/sdk';
import { type Loaded, run } from './hot-app.ts';

/** A build in its turn: what it listens to and has mounted ends with it. */
interface Turn {
  readonly loaded: Loaded;
  readonly abort: AbortController;
  readonly parcels: Set<Parcel>;
}

export class Stay {
  #props: AppProps;
  #turn: Turn | undefined;
  /** Turns never overlap. */
  #work: Promise<unknown> = Promise.resolve();
  #over = false;

  /**
   * @param remember takes down what a person has typed; what it returns fills it in again
   * @param data what the app keeps from one turn to the next
   * @param refresh has the framework take over the components of the latest build
   * @param report hears what a turn that ends for a newer one throws
   */
  constructor(
    props: AppProps,
    readonly remember: (root: HTMLElement) => () => void,
    readonly data: Record<string, unknown>,
    readonly refresh: () => void,
    readonly report: (error: unknown) => void,
  ) {
    this.#props = props;
  }

  /** Mounts a build in place of the one before; rejects when its `mount` does. */
  become(loaded: Loaded): Promise<void> {
    return this.#then(async () => {
      if (this.#over) return;
      const fillIn = this.remember(this.#props.domElement);
      await this.#leave().catch(this.report);
      this.#props.domElement.replaceChildren();
      this.refresh(); // else the new tree would be made of the components before
      const turn: Turn = { loaded, abort: new AbortController(), parcels: new Set() };
      this.#turn = turn;
      loaded.bootstrapped ??= run(loaded.app.bootstrap, this.#propsOf(turn));
      await loaded.bootstrapped;
      await run(loaded.app.mount, this.#propsOf(turn));
      fillIn();
    });
  }

  /** The address changed, and the app stays. */
  update(props: AppProps): Promise<void> {
    return this.#then(async () => {
      this.#props = props;
      if (this.#turn) await run(this.#turn.loaded.app.update, this.#propsOf(this.#turn));
    });
  }

  /** The app leaves the page. */
  end(): Promise<void> {
    this.#over = true;
    return this.#then(() => this.#leave());
  }

  async #leave(): Promise<void> {
    const turn = this.#turn;
    if (!turn) return;
    this.#turn = undefined;
    turn.abort.abort();
    const mounted = [...turn.parcels].filter((parcel) => parcel.getStatus() === 'MOUNTED');
    await Promise.all(mounted.map((parcel) => parcel.unmount()));
    await run(turn.loaded.app.unmount, this.#propsOf(turn));
  }

  #propsOf({ abort, parcels }: Turn): AppProps {
    const { portico } = this.#props;
    const mountParcel: MountParcel = (config, props) => {
      const parcel = this.#props.mountParcel(config, props);
      parcels.add(parcel);
      return parcel;
    };
    const signal = AbortSignal.any([portico.signal, abort.signal]);
    return { ...this.#props, mountParcel, portico: { ...portico, signal, hot: { data: this.data } } };
  }

  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }
}
