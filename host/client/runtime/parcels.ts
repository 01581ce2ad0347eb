/** Parcels: pieces of user interface mounted by hand, in single-spa's shape. */

import type {
  MountParcel,
  Parcel,
  ParcelConfig,
  ParcelHookProps,
  ParcelProps,
  ParcelStatus,
  SingleSpa,
} from '@portico/sdk';
import { runHooks } from './hooks.ts';

let count = 0;

/** The parcels that were mounted through one owner, and end with it. */
export class ParcelHouse {
  readonly #parcels = new Set<Parcel>();

  constructor(readonly singleSpa: () => SingleSpa) {}

  /** Mounts a parcel of this owner. */
  readonly mountParcel: MountParcel = (config, props) => {
    const parcel = new MountedParcel(config, props, this);
    this.#parcels.add(parcel);
    const forget = (): boolean => this.#parcels.delete(parcel);
    parcel.unmountPromise.then(forget, forget);
    return parcel;
  };

  /** Unmounts every parcel that is mounted. */
  async close(): Promise<void> {
    const mounted = [...this.#parcels].filter((parcel) => parcel.getStatus() === 'MOUNTED');
    await Promise.all(mounted.map((parcel) => parcel.unmount()));
  }
}

class MountedParcel implements Parcel {
  readonly loadPromise: Promise<null>;
  readonly bootstrapPromise: Promise<null>;
  readonly mountPromise: Promise<null>;
  readonly unmountPromise: Promise<null>;
  update?: (props: Readonly<Record<string, unknown>>) => Promise<unknown>;

  readonly #house: ParcelHouse;
  readonly #name: string;
  #config: ParcelConfig | undefined;
  #props: ParcelProps;
  #status: ParcelStatus = 'NOT_BOOTSTRAPPED';
  #settle: ((outcome: Promise<null>) => void) | undefined;

  constructor(config: ParcelConfig | (() => Promise<ParcelConfig>), props: ParcelProps, house: ParcelHouse) {
    this.#house = house;
    this.#props = props;
    this.#name = `${typeof config === 'object' && config.name ? config.name : 'parcel'}-${++count}`;
    this.unmountPromise = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.loadPromise = this.#load(config);
    this.bootstrapPromise = this.loadPromise.then(() => this.#step('BOOTSTRAPPING', 'bootstrap', 'NOT_MOUNTED'));
    this.mountPromise = this.bootstrapPromise.then(() => this.mount());
    // The owner hears of a failure through the promise that it looks at; the others must not count as unhandled.
    for (const promise of [this.loadPromise, this.bootstrapPromise, this.unmountPromise]) promise.catch(() => {});
  }

  getStatus(): ParcelStatus {
    return this.#status;
  }

  mount(): Promise<null> {
    this.#must('NOT_MOUNTED', 'mount');
    return this.#step('MOUNTING', 'mount', 'MOUNTED');
  }

  unmount(): Promise<null> {
    this.#must('MOUNTED', 'unmount');
    const unmounting = this.#step('UNMOUNTING', 'unmount', 'NOT_MOUNTED');
    this.#settle?.(unmounting);
    return unmounting;
  }

  async #load(config: ParcelConfig | (() => Promise<ParcelConfig>)): Promise<null> {
    try {
      this.#config = typeof config === 'function' ? await config() : config;
      if (!this.#config.mount || !this.#config.unmount) throw new TypeError(`${this.#name} needs mount and unmount`);
    } catch (error) {
      this.#status = 'SKIP_BECAUSE_BROKEN';
      throw error;
    }
    if (this.#config.update) {
      this.update = (props) => {
        this.#must('MOUNTED', 'update');
        this.#props = { ...this.#props, ...props };
        return this.#step('UPDATING', 'update', 'MOUNTED');
      };
    }
    return null;
  }

  #must(status: ParcelStatus, verb: string): void {
    if (this.#status !== status) throw new Error(`Cannot ${verb} ${this.#name}: it is ${this.#status}`);
  }

  async #step(
    during: ParcelStatus,
    hook: 'bootstrap' | 'mount' | 'update' | 'unmount',
    after: ParcelStatus,
  ): Promise<null> {
    this.#status = during;
    try {
      await runHooks(this.#config?.[hook], this.#hookProps());
    } catch (error) {
      this.#status = 'SKIP_BECAUSE_BROKEN';
      throw error;
    }
    this.#status = after;
    return null;
  }

  #hookProps(): ParcelHookProps {
    const { mountParcel } = this.#house;
    const singleSpa = this.#house.singleSpa();
    return { ...this.#props, name: this.#name, singleSpa, mountParcel, unmountSelf: () => this.unmount() };
  }
}
