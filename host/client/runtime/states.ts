/** The states of an app in its slot, and which may follow which. */

import type { AppState } from '@portico/sdk';

const NEXT: Readonly<Record<AppState, readonly AppState[]>> = {
  registered: ['loading', 'bootstrapped'],
  loading: ['bootstrapped', 'failed'],
  bootstrapped: ['mounted', 'unmounted', 'failed'],
  mounted: ['unmounted', 'failed'],
  unmounted: ['mounted', 'failed'],
  failed: ['loading', 'bootstrapped'],
};

/** Whether `to` may follow `from`. */
export function mayFollow(from: AppState, to: AppState): boolean {
  return NEXT[from].includes(to);
}
