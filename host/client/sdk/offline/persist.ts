/** Asks the browser to keep what is saved here also when the device runs low on room. */

let asked = false;

/**
 * Asks once per page, when there is something worth keeping: a browser that would ask the person does so at a moment that
 * makes sense to them. The answer changes nothing for the page.
 */
export async function askToPersist(storage: StorageManager | undefined): Promise<void> {
  if (asked || !storage?.persist) return;
  asked = true;
  if (!(await storage.persisted())) await storage.persist();
}
