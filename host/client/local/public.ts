/** `@portico/local`: what is kept on the device, shared by page and worker. */

export { type Local, type LocalOptions, openLocal, PersonChannel } from './browser.ts';
export { PersonDb } from './db.ts';
export { Device } from './device.ts';
export type {
  CachedRead,
  CachedUpdate,
  Draft,
  Entry,
  EntryState,
  Method,
} from './entry.ts';
export { LocalError, type LocalErrorCode } from './errors.ts';
export type { Answer, EntryEvent, InboxEvent, LocalEvent, PausedEvent, WakeEvent } from './events.ts';
export {
  type Control,
  type Frame,
  type Hello,
  type Incoming,
  isFrame,
  type KeptFrame,
  type Notice,
  noticeOf,
  type Reset,
} from './frames.ts';
export { type Applied, Inbox, type InboxDeps } from './inbox.ts';
export { KEPT_ANSWERS } from './kept-answers.ts';
export { newKey } from './keys.ts';
export { type Choice, type FlushResult, Outbox, type OutboxDeps } from './outbox.ts';
export { canonical, holding, mergePatch, Patches, type PatchRow, patched, sameRead } from './patches.ts';
export { openPerson, personDatabase, personHash, wipe, wipeOthers } from './person.ts';
export type { Channel, Clock, Fetch, Locks, Random, Report } from './ports.ts';
export type { Problem } from './problem.ts';
export {
  never,
  PROTOCOL_VERSION,
  readToPage,
  readToWorker,
  type ToPage,
  type ToWorker,
  toPage,
  toWorker,
} from './protocol.ts';
export type { Listed } from './reading.ts';
