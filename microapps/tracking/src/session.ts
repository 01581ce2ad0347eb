/** What the views share: the way to the BFF, and where to go. */
import { type InjectionKey, inject } from 'vue';
import type { TrackingApi } from './api.ts';

export interface Session {
  readonly api: TrackingApi;
  /** The time now, in milliseconds since 1970. */
  readonly now: () => number;
}

export const SESSION: InjectionKey<Session> = Symbol('tracking session');

export function useSession(): Session {
  const session = inject(SESSION);
  if (!session) throw new Error('A tracking view is rendered without its session');
  return session;
}
