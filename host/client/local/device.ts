/** What the device knows of itself: who used it last. One database per origin, `portico-device`. */

import { Connection } from './connection.ts';
import { DEVICE_VERSION, type DeviceSchema, upgradeDevice } from './schema.ts';

export const DEVICE_DATABASE = 'portico-device';

export class Device {
  readonly #connection = new Connection<DeviceSchema>({
    name: DEVICE_DATABASE,
    version: DEVICE_VERSION,
    upgrade: upgradeDevice,
  });

  /** The `sub` whose pages are open, or were last; null when nobody is signed in. */
  async person(): Promise<string | null> {
    return (await (await this.#connection.open()).get('device', 'person')) ?? null;
  }

  async setPerson(sub: string | null): Promise<void> {
    await (await this.#connection.open()).put('device', sub, 'person');
  }

  /** This device's id: a UUID made once. Lanes have an id of their own per person's database. */
  async client(): Promise<string> {
    const db = await this.#connection.open();
    const tx = db.transaction('device', 'readwrite');
    const found = await tx.store.get('client');
    const client = found ?? crypto.randomUUID();
    if (!found) await tx.store.put(client, 'client');
    await tx.done;
    return client;
  }

  close(): void {
    this.#connection.close();
  }
}
