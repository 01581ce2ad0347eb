// A runtime that the test can reach, to hear its events and to stop it.
import { start } from '../../client/runtime/public.ts';

export * from '@portico/sdk';

globalThis.told = [];
globalThis.runtime = start();
runtime.events.on('failure', ({ app, slot, phase, error }) =>
  told.push(`${phase} of ${app} in ${slot}: ${error.message}`),
);
runtime.events.on('state', ({ app, from, to }) => told.push(`${app}: ${from} to ${to}`));
