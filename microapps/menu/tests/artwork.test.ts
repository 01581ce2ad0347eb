import { describe, expect, it } from 'vitest';
import { artwork, BANNER, chanceFrom } from '../src/artwork/artwork.ts';
import { MOTIFS, type MotifName } from '../src/artwork/motifs.ts';

const NUMBERS = /-?\d+(?:\.\d+)?/g;

describe('pictures', () => {
  it('are the same for the same restaurant and differ between restaurants', () => {
    expect(artwork('da-mario', 'italian')).toEqual(artwork('da-mario', 'italian'));
    expect(artwork('da-mario', 'italian')).not.toEqual(artwork('osteria', 'italian'));
  });

  it('are drawn for a cuisine that nobody thought of', () => {
    expect(artwork('x', 'martian').paths.length).toBeGreaterThan(0);
  });

  it('fill a banner as well as a card', () => {
    const { viewBox, paths } = artwork('thalassa', 'greek', BANNER);
    expect(viewBox).toBe('0 0 960 200');
    const reach = Math.max(...paths.flatMap(({ d }) => d.match(NUMBERS)?.map(Number) ?? []));
    expect(reach).toBeGreaterThan(900);
  });
});

describe.each(Object.keys(MOTIFS) as MotifName[])('the pattern %s', (name) => {
  it('is made of real numbers, few enough paths, and a size that a phone can draw', () => {
    const strokes = MOTIFS[name]({ width: 320, height: 200 }, chanceFrom('seed'));
    const text = strokes.map(({ d }) => d).join('');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(strokes.every(({ d }) => d.startsWith('M'))).toBe(true);
    expect(strokes.length).toBeLessThan(200);
    expect(text.length).toBeLessThan(32_000);
  });
});

it('chance stays below its bound and depends on the seed', () => {
  const draw = (seed: string): number[] => {
    const chance = chanceFrom(seed);
    return Array.from({ length: 200 }, () => chance(6));
  };
  expect(new Set(draw('a'))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  expect(draw('a')).not.toEqual(draw('b'));
});
