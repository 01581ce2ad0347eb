/** Showing and hiding apps by hand: those with `"activation": "manual"` in their manifest. */

/** What only the runtime can do. */
export interface Activation {
  activate(name: string, slot?: string): Promise<void>;
  deactivate(name: string): Promise<void>;
}

/** Filled by the runtime when it starts; by a test with fakes. */
export const activation: Partial<Activation> = {};

/**
 * Lets a manually activated app (`@team/app`) be shown: wherever its routes match, or in `slot` at any path. Resolves when it is
 * on screen or has failed, which its slot shows.
 *
 * @throws Error when this page has no such app, or `slot` is the one that the address fills.
 */
export async function activate(name: string, slot?: string): Promise<void> {
  await activation.activate?.(name, slot);
}

/** Takes such an app away again; resolves when it has unmounted. Nothing when it is not active. */
export async function deactivate(name: string): Promise<void> {
  await activation.deactivate?.(name);
}
