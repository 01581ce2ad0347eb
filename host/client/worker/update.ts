/** When a newer worker may take over: never in the middle of sending, never while a page speaks another version. */

/** The part of `navigator.locks` that is used. */
export interface HeldLocks {
  query(): Promise<{ held?: { name?: string }[] }>;
  request(name: string, work: () => Promise<void>): Promise<unknown>;
}

const SENDING = 'portico-outbox:';

/**
 * Runs `take` while nobody sends anything: it waits for whoever does, and holds the locks meanwhile. False, without having
 * run it, when a page speaks another version of the messages.
 */
export async function takeOver(deps: {
  readonly locks: HeldLocks;
  readonly allSpeak: () => Promise<boolean>;
  /** The lock of the person whose pages are open, which somebody may be about to ask for. */
  readonly own: string | null;
  readonly take: () => Promise<void>;
}): Promise<boolean> {
  const { held = [] } = await deps.locks.query();
  const names = new Set(held.flatMap(({ name }) => (name?.startsWith(SENDING) ? [name] : [])));
  if (deps.own !== null) names.add(deps.own);
  let taken = false;
  const take = async (): Promise<void> => {
    if (!(await deps.allSpeak())) return;
    await deps.take();
    taken = true;
  };
  // In one order everywhere, so that two that wait do not wait for each other.
  const nested = [...names]
    .sort()
    .reduceRight<() => Promise<void>>((inner, name) => async () => void (await deps.locks.request(name, inner)), take);
  await nested();
  return taken;
}

/** The lock under which a person's commands are sent. */
export function sendingLock(sub: string): string {
  return SENDING + sub;
}
