import { describe, expect, it } from 'vitest';
import { literalSpecificity, specificityOf } from '../specificity.ts';

// Normalised patterns, as URLPattern gives them; the full rule is tested in a browser against the shared vectors.
describe('the specificity of a pattern', () => {
  it.each([
    ['/lamps', '/:room'],
    ['/:room', '/*'],
    ['/', '/*'],
    ['/lamps', '/lamps/*'],
    ['/lamps/x-:id', '/lamps/:id'],
    ['/lamps/\\(x', '/lamps/:id'],
    ['/lamps/:id', '/lamps/{:id-}?:name'],
    ['/lamps/:id', '/lamps/:id?'],
    ['/lamps', '/lamps{/:id}?'],
    ['/lamps/x{y}', '/lamps/x{y}?'],
    ['/lamps/:id\\.json', '/lamps/:id'],
    ['/lamps/longer/*', '/lamps/*'],
    ['/a/longer-:x', '/a/long-:x'],
  ])('of %s is greater than that of %s', (more, less) => {
    expect(specificityOf(more) > specificityOf(less)).toBe(true);
  });

  it.each([
    ['/lamps/:id', '/lamps/:name'],
    ['/a/x-:x', '/a/y-:y'],
  ])('of %s equals that of %s', (one, other) => {
    expect(specificityOf(one)).toBe(specificityOf(other));
  });

  it.each(['/', '/lamps', '/lamps/on-the_2nd/floor'])(
    'of %s, which is literal, is known without looking into it',
    (path) => {
      expect(literalSpecificity(path)).toBe(specificityOf(path));
    },
  );
});
