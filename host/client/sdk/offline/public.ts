/** `@portico/sdk/offline`: commands that survive, the inbox and live updates. */

export {};
