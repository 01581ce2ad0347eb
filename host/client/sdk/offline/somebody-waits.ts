/** Whether anything waits on this device to be sent, of whomever: nothing is read of it, and nothing is changed. */

import { Device, personDatabase } from '@portico/local';

const PERSONS = /^portico:[0-9a-f]{16}$/;
const ENTRIES = 'entries';

/** False also where the browser does not say. */
export async function somebodyWaits(): Promise<boolean> {
  if (!globalThis.indexedDB) return false;
  for (const name of await personDatabases()) if (await holdsEntries(name)) return true;
  return false;
}

/** Of everybody; of the device's last person where the browser does not list its databases. */
async function personDatabases(): Promise<string[]> {
  if (indexedDB.databases) {
    const found = await indexedDB.databases();
    return found.flatMap(({ name = '' }) => (PERSONS.test(name) ? [name] : []));
  }
  const device = new Device();
  try {
    const sub = await device.person();
    return sub === null ? [] : [await personDatabase(sub)];
  } finally {
    device.close();
  }
}

async function holdsEntries(name: string): Promise<boolean> {
  const db = await existing(name);
  try {
    return db !== null && (await count(db)) > 0;
  } finally {
    db?.close();
  }
}

/** Opens it in the version that it has, so that no older or newer code is in its way; one that is not there is not made. */
function existing(name: string): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => opening.transaction?.abort();
    opening.onerror = () => resolve(null);
    opening.onsuccess = () => {
      opening.result.onversionchange = () => opening.result.close();
      resolve(opening.result);
    };
  });
}

async function count(db: IDBDatabase): Promise<number> {
  if (!db.objectStoreNames.contains(ENTRIES)) return 0;
  const counting = db.transaction(ENTRIES).objectStore(ENTRIES).count();
  return new Promise((resolve, reject) => {
    counting.onsuccess = () => resolve(counting.result);
    counting.onerror = () => reject(counting.error);
  });
}

/** Looks now, and whenever the page comes to the front, until `signal` aborts. */
export function startLooking(told: (waits: boolean) => void, signal: AbortSignal): void {
  const look = (): void =>
    void somebodyWaits().then(
      (waits) => signal.aborted || told(waits),
      () => {}, // a browser that keeps nothing has nothing that waits
    );
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && look(), { signal });
  look();
}
