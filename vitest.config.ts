import { defineConfig } from 'vitest/config';

// Unit tests that need no browser; what does is in pytest, through Playwright.
export default defineConfig({
  test: {
    include: [
      'host/client/**/tests/**/*.test.ts',
      'microapps/*/tests/**/*.test.{ts,tsx}',
      'tools/client/tests/**/*.test.mjs',
    ],
    restoreMocks: true,
    unstubGlobals: true,
  },
});
