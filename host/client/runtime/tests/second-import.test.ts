import { describe, expect, it } from 'vitest';
import { retryMap } from '../second-import.ts';

const INTEGRITY = {
  '/a/lamps/12/lamps.js': 'sha384-L',
  '/a/lamps/12/chunk-A.js': 'sha384-A',
  '/a/lamps/123/lamps.js': 'sha384-other-release',
  '/a/shared/9/react.js': 'sha384-R',
};

describe('the import map of another attempt', () => {
  const map = retryMap(INTEGRITY, '/a/lamps/12/lamps.js', '?retry=2');

  it('holds the same digests for the release, at the new addresses, and no others', () => {
    expect(map).toHaveProperty('integrity', {
      '/a/lamps/12/lamps.js?retry=2': 'sha384-L',
      '/a/lamps/12/chunk-A.js?retry=2': 'sha384-A',
    });
  });

  it('sends imports inside the release to the new addresses, and leaves shared libraries where they are', () => {
    const moved = {
      '/a/lamps/12/lamps.js': '/a/lamps/12/lamps.js?retry=2',
      '/a/lamps/12/chunk-A.js': '/a/lamps/12/chunk-A.js?retry=2',
    };
    const scopes = { '/a/lamps/12/lamps.js?retry=2': moved, '/a/lamps/12/chunk-A.js?retry=2': moved };
    expect(map).toHaveProperty('scopes', scopes);
  });
});
