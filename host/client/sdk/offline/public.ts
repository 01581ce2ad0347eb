/** `@portico/sdk/offline`: commands that survive, the inbox, live updates, and how things stand. */

export type {
  CachedRead,
  CachedUpdate,
  Choice,
  Entry,
  EntryState,
  Frame,
  Listed,
  Notice,
  Problem,
} from '@portico/local';
export { type CommandOptions, type CommandRequest, command, graphqlCommand } from './command.ts';
export { inbox, live, outbox, status } from './facade.ts';
export { type PushState, push } from './push.ts';
export type { CommandResult, PendingReason } from './result.ts';
export { start } from './start.ts';
export type { LiveMode, Status } from './status.ts';
