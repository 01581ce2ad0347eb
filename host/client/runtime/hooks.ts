/** Running life-cycle functions. */

import type { Hooks } from '@portico/sdk';

/** Runs a life-cycle function, or several one after another; nothing when there is none. */
export async function runHooks<Props>(hooks: Hooks<Props> | undefined, props: Props): Promise<void> {
  for (const hook of typeof hooks === 'function' ? [hooks] : (hooks ?? [])) await hook(props);
}

/** The name of the error of a life-cycle step that took longer than it may. */
export const TIME_LIMIT = 'TimeLimitError';

/** Settles as `work` does, or rejects with a `TimeLimitError` after `limitMs`; late results are dropped. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error(`${what} took longer than ${limitMs} ms`), { name: TIME_LIMIT })),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
