/** Running life-cycle functions. */

import type { Hooks } from '@portico/sdk';

/** Runs a life-cycle function, or several one after another; nothing when there is none. */
export async function runHooks<Props>(hooks: Hooks<Props> | undefined, props: Props): Promise<void> {
  for (const hook of typeof hooks === 'function' ? [hooks] : (hooks ?? [])) await hook(props);
}

/** A life-cycle step took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** Settles as `work` does, or rejects with `TimeLimitError` after `limitMs`; late results are dropped. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(`${what} took longer than ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
