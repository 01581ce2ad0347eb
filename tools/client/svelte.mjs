/** Svelte's own compiler in the tests' bundler, as `portico build` has it in its own. */
import { compile } from 'svelte/compiler';

export function svelteComponents() {
  return {
    name: 'svelte-components',
    // What compiled components import must be bundled with the rest of it: two copies do not know each other.
    config: () => ({
      optimizeDeps: { include: ['svelte', 'svelte/internal/client', 'svelte/internal/disclose-version'] },
    }),
    transform(source, id) {
      if (!id.endsWith('.svelte')) return undefined;
      const { js } = compile(source, { filename: id, generate: 'client', css: 'external' });
      return { code: js.code, map: js.map };
    },
  };
}
