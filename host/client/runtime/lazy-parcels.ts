/** Mounting parcels, of which most pages have none: what does it is loaded with the first. */

import type { MountParcel, Parcel, SingleSpa } from '@portico/sdk';
import { later } from './idle.ts';
import type { ParcelHouse } from './parcels.ts';

/** The parcels of one owner; they end with it. */
export class LazyParcels {
  #house: Promise<ParcelHouse> | undefined;

  constructor(readonly singleSpa: () => SingleSpa) {}

  /** Mounts a parcel of this owner. */
  readonly mountParcel: MountParcel = (config, props) => {
    this.#house ??= later().then((module) => new module.ParcelHouse(this.singleSpa));
    return stand(this.#house.then((house) => house.mountParcel(config, props)));
  };

  /** Unmounts every parcel that is mounted. */
  async close(): Promise<void> {
    await (await this.#house)?.close();
  }
}

/** Stands for a parcel that is about to be there. */
function stand(coming: Promise<Parcel>): Parcel {
  let here: Parcel | undefined;
  const quiet = (promise: Promise<null>): Promise<null> => {
    promise.catch(() => {}); // the owner hears of a failure through `mountPromise`; the others must not count as unhandled
    return promise;
  };
  const parcel: Parcel = {
    getStatus: () => here?.getStatus() ?? 'NOT_BOOTSTRAPPED',
    mount: () => coming.then((real) => real.mount()),
    unmount: () => coming.then((real) => real.unmount()),
    loadPromise: quiet(
      coming.then(async (real) => {
        here = real;
        await real.loadPromise;
        if (real.update) parcel.update = real.update;
        return null;
      }),
    ),
    bootstrapPromise: quiet(coming.then((real) => real.bootstrapPromise)),
    mountPromise: coming.then((real) => real.mountPromise),
    unmountPromise: quiet(coming.then((real) => real.unmountPromise)),
  };
  return parcel;
}
