import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { launchOptions } from './tools/client/chromium.mjs';
import { documentedExamples } from './tools/client/examples.mjs';
import { svelteComponents } from './tools/client/svelte.mjs';

// Tests of one page alone. What needs a host, or several processes, is in pytest.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: [
            'host/client/**/tests/**/*.test.ts',
            'microapps/*/tests/**/*.test.{ts,tsx}',
            'tools/**/tests/**/*.test.mjs',
          ],
          exclude: ['**/*.browser.test.{ts,tsx}', '**/node_modules/**'],
          restoreMocks: true,
          unstubGlobals: true,
        },
      },
      {
        plugins: [documentedExamples('docs/reference/sdk.md'), svelteComponents()],
        test: {
          name: 'browser',
          include: ['host/client/**/*.browser.test.ts', 'microapps/*/tests/**/*.browser.test.{ts,tsx}'],
          expect: { poll: { timeout: 10_000 } }, // as patient as with elements: a second is short on a busy machine
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: 'chromium' }],
            screenshotFailures: false,
          },
        },
      },
    ],
  },
});
