/** `@portico/sdk/flags`: feature flags as the host evaluates them for this person. */

export { flags } from './facade.ts';
export { type FlagDetails, Flags, type FlagValue } from './flags.ts';
