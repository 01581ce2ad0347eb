/**
 * A picture for a restaurant, drawn from its name: no files, no requests, the same picture on every device.
 *
 * A cuisine has a pattern and palettes; the restaurant's id decides which it gets and how the pattern falls.
 */
import { type Canvas, type Chance, MOTIFS, type MotifName } from './motifs.ts';

/** Paths to paint in turn over `ground`; `viewBox` is what the coordinates are in. */
export interface Artwork {
  readonly viewBox: string;
  readonly ground: string;
  readonly paths: readonly { readonly d: string; readonly fill: string }[];
}

/** A ground and the three inks of a pattern. */
type Palette = readonly [ground: string, ...inks: readonly [string, string, string]];

interface Style {
  readonly motif: MotifName;
  readonly palettes: readonly [Palette, ...Palette[]];
}

const STYLES: Readonly<Record<string, Style>> = {
  american: { motif: 'rays', palettes: [['#b3261e', '#f6e3c5', '#f2a33a', '#2b3a55']] },
  chinese: { motif: 'coins', palettes: [['#a81b22', '#f4c430', '#f9e7c9', '#d8402f']] },
  danish: { motif: 'halves', palettes: [['#e8e0d2', '#d5553b', '#2f4b5c', '#e9b44c']] },
  ethiopian: { motif: 'rings', palettes: [['#3b2a1e', '#e0a526', '#c23b22', '#4f8f5e']] },
  french: {
    motif: 'scallops',
    palettes: [
      ['#243b6b', '#f5efe6', '#c8324a', '#9db4d9'],
      ['#243b6b', '#2d4a86', '#f5efe6', '#223763'],
      ['#f5efe6', '#f3c9cf', '#c8324a', '#fbe9e4'],
    ],
  },
  georgian: { motif: 'blossoms', palettes: [['#5f1729', '#e9b872', '#a63a50', '#f3e3d3']] },
  greek: { motif: 'meander', palettes: [['#1762a8', '#f7fafc', '#f2c14e', '#f7dd9a']] },
  indian: {
    motif: 'mandala',
    palettes: [
      ['#7a1e4b', '#f29f2e', '#f7e3b5', '#d94f3d'],
      ['#0e5a4f', '#f4b63f', '#fbe7b8', '#e0703a'],
      ['#e8892b', '#7a1e4b', '#fbe3b0', '#c2354b'],
    ],
  },
  italian: {
    motif: 'segments',
    palettes: [
      ['#2f6b4a', '#f6d9a8', '#c8401f', '#e7b06a'],
      ['#c8401f', '#f9e6bd', '#2f6b4a', '#f0bb62'],
      ['#f3e6cf', '#d9482b', '#f9e9c8', '#e0a552'],
    ],
  },
  japanese: {
    motif: 'waves',
    palettes: [
      ['#f1e6d6', '#1e3a5f', '#d9412f', '#f7f2ea'],
      ['#22406a', '#f0e4cf', '#e4573f', '#2f5686'],
      ['#f4c9bd', '#a5334c', '#f7f2ea', '#fbe9e1'],
    ],
  },
  korean: { motif: 'halves', palettes: [['#16324f', '#e14b3b', '#f2c84b', '#58a6a0']] },
  levantine: {
    motif: 'stars',
    palettes: [
      ['#0f5e5a', '#f2c879', '#b4452c', '#0f4a4c'],
      ['#f0e2c6', '#1f6f8b', '#c9502f', '#f6edda'],
      ['#2a2f5b', '#e7b75f', '#d6573f', '#3a4280'],
    ],
  },
  mexican: {
    motif: 'steps',
    palettes: [
      ['#d6336c', '#ffc233', '#0b7a75', '#fff3dc'],
      ['#0b7a75', '#ff8a3d', '#f7d154', '#fff3dc'],
      ['#f2a51f', '#c7285b', '#17686b', '#fff3dc'],
    ],
  },
  'plant-based': { motif: 'leaves', palettes: [['#234f32', '#a9c77b', '#5f9150', '#e8a33d']] },
  polish: { motif: 'blossoms', palettes: [['#221e2a', '#e23e57', '#3da35d', '#f4b942']] },
  portuguese: { motif: 'tiles', palettes: [['#f2efe6', '#1f4e9b', '#f2b632', '#7ba5dc']] },
  thai: { motif: 'diamonds', palettes: [['#5b2a86', '#e4577b', '#f3a83b', '#f7e9da']] },
  turkish: { motif: 'tulips', palettes: [['#0b4f7d', '#e8f1f2', '#d8352a', '#2f9aa0']] },
  vietnamese: { motif: 'leaves', palettes: [['#d8432b', '#f3d34a', '#2e6b3e', '#fbeccb']] },
};

const PLAIN: Style = { motif: 'halves', palettes: [['#4a2438', '#f5b041', '#c2380f', '#f7eee8']] };

/** The size of a card's picture, and of the banner over a restaurant's page. */
export const CARD: Canvas = { width: 320, height: 200 };
export const BANNER: Canvas = { width: 960, height: 200 };

/** Numbers that look random and are the same for the same seed (FNV-1a to start, mulberry32 to go on). */
export function chanceFrom(seed: string): Chance {
  let state = 0x811c9dc5;
  for (const letter of seed) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** The picture of the restaurant `id`; a cuisine without a style of its own gets a plain one. */
export function artwork(id: string, cuisine: string, canvas: Canvas = CARD): Artwork {
  const { motif, palettes } = STYLES[cuisine] ?? PLAIN;
  const chance = chanceFrom(id);
  const [ground, ...inks] = palettes[chance(palettes.length)] ?? palettes[0];
  const paths = MOTIFS[motif](canvas, chance).map(({ d, ink }) => ({ d, fill: inks[ink] }));
  return { viewBox: `0 0 ${canvas.width} ${canvas.height}`, ground, paths };
}
