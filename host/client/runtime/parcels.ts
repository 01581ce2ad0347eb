/** Parcels: pieces of user interface mounted by hand, in single-spa's shape. */

import type {
  MountParcel,
  Parcel,
  ParcelConfig,
  ParcelHookProps,
  ParcelProps,
  ParcelSource,
  ParcelStatus,
  SingleSpa,
} from '@portico/sdk';
import { runHooks } from './hooks.ts';

let count = 0;

/** The parcels that were mounted through one owner, and end with it. */
export class ParcelHouse {
  readonly #parcels = new Set<MountedParcel>();

  constructor(readonly singleSpa: () => SingleSpa) {}

  /** Mounts a parcel of this owner. */
  readonly mountParcel: MountParcel = (config, props) => {
    const parcel = new MountedParcel(config, props, this);
    this.#parcels.add(parcel);
    return parcel;
  };

  /** Keeps a parcel while it is in the page or on its way there. */
  keep(parcel: MountedParcel, present: boolean): void {
    if (present) this.#parcels.add(parcel);
    else this.#parcels.delete(parcel);
  }

  /** Unmounts every parcel that is mounted, and those that are on their way once they have arrived. */
  async close(): Promise<void> {
    await Promise.all([...this.#parcels].map((parcel) => parcel.leave()));
  }
}

/** A parcel's configuration: itself, what a function loads, or a module that the import map knows. */
async function loaded(source: ParcelSource): Promise<ParcelConfig> {
  if (typeof source !== 'string') return typeof source === 'function' ? source() : source;
  const module: ParcelConfig & { default?: ParcelConfig } = await import(source);
  return module.mount ? module : (module.default ?? module);
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
  #entering: Promise<null>;
  #settle: ((outcome: Promise<null>) => void) | undefined;

  constructor(config: ParcelSource, props: ParcelProps, house: ParcelHouse) {
    this.#house = house;
    this.#props = props;
    this.#name = `${typeof config === 'object' && config.name ? config.name : 'parcel'}-${++count}`;
    this.unmountPromise = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.loadPromise = this.#load(config);
    this.bootstrapPromise = this.loadPromise.then(() => this.#step('BOOTSTRAPPING', 'bootstrap', 'NOT_MOUNTED'));
    this.mountPromise = this.bootstrapPromise.then(() => this.mount());
    this.#entering = this.mountPromise;
    // The owner hears of a failure through the promise that it looks at; the others must not count as unhandled.
    for (const promise of [this.loadPromise, this.bootstrapPromise, this.unmountPromise]) promise.catch(() => {});
  }

  getStatus(): ParcelStatus {
    return this.#status;
  }

  mount(): Promise<null> {
    this.#must('NOT_MOUNTED', 'mount');
    this.#house.keep(this, true);
    this.#entering = this.#step('MOUNTING', 'mount', 'MOUNTED');
    return this.#entering;
  }

  unmount(): Promise<null> {
    this.#must('MOUNTED', 'unmount');
    const unmounting = this.#step('UNMOUNTING', 'unmount', 'NOT_MOUNTED');
    this.#settle?.(unmounting);
    return unmounting;
  }

  /** Unmounts it if it is in the page or arrives there. */
  async leave(): Promise<void> {
    await this.#entering.catch(() => {}); // its owner has heard of it
    if (this.#status === 'MOUNTED') await this.unmount();
  }

  async #load(config: ParcelSource): Promise<null> {
    try {
      this.#config = await loaded(config);
      if (!this.#config.mount || !this.#config.unmount) throw new TypeError(`${this.#name} needs mount and unmount`);
    } catch (error) {
      this.#break(error);
    }
    if (this.#config.update) {
      this.update = async (props) => {
        this.#must('MOUNTED', 'update');
        // As single-spa does: these props are all that there are. Only the element stays where none is given.
        this.#props = { domElement: this.#props.domElement, ...props };
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
      // As single-spa does: what a mount has begun, the unmount may end.
      if (hook === 'mount') await runHooks(this.#config?.unmount, this.#hookProps()).catch(() => {});
      this.#break(error);
    }
    this.#status = after;
    if (hook === 'unmount') this.#house.keep(this, false);
    return null;
  }

  #break(error: unknown): never {
    this.#status = 'SKIP_BECAUSE_BROKEN';
    this.#house.keep(this, false);
    throw error;
  }

  #hookProps(): ParcelHookProps {
    const { mountParcel } = this.#house;
    const singleSpa = this.#house.singleSpa();
    return { ...this.#props, name: this.#name, singleSpa, mountParcel, unmountSelf: () => this.unmount() };
  }
}
