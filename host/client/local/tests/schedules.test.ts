import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { live, schedule } from './schedules.ts';

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

const RUNS = Number(process.env.PORTICO_SCHEDULES ?? 300);
/** The same days in every run, unless others are asked for: what fails is found where it was made. */
const SEED = Number(process.env.PORTICO_SEED ?? 1);

describe('an outbox', () => {
  it('loses nothing, doubles nothing and keeps its lanes in order, whatever happens', {
    timeout: 600_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(schedule, (day) => live(day)),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
