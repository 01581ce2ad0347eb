/** Patterns that fill a canvas. Each takes a picker of chance and answers paths with the index of their colour. */
import { blossom, circle, half, leaf, type Point, polar, polygon, rectangle, star, wedge } from './shapes.ts';

/** What is to be filled, in the picture's own units; patterns repeat every 50 to 120 of them. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
}

/** A path and which of the palette's three inks it takes. */
export interface Stroke {
  readonly d: string;
  readonly ink: 0 | 1 | 2;
}

/** Chance with a memory: a number from 0 up to, not including, `below`. */
export type Chance = (below: number) => number;
export type Motif = (canvas: Canvas, chance: Chance) => Stroke[];

/** Cell centres that cover the canvas with a margin, every second row moved by half a cell when `brick`. */
function grid(
  { width, height }: Canvas,
  size: number,
  { brick = false, rows = size } = {},
): { at: Point; row: number; column: number }[] {
  const cells = [];
  for (let row = -1; row * rows < height + rows; row++) {
    for (let column = -1; column * size < width + size; column++) {
      const shift = brick && row % 2 ? size / 2 : 0;
      cells.push({ at: [column * size + size / 2 + shift, row * rows + rows / 2] as Point, row, column });
    }
  }
  return cells;
}

const join = (ink: 0 | 1 | 2, parts: readonly string[]): Stroke => ({ d: parts.join(''), ink });
const EIGHTH = Math.PI / 4;

const waves: Motif = (canvas, chance) => {
  const r = 30 + chance(3) * 4;
  const sun: Point = [canvas.width * (chance(2) ? 0.7 : 0.3), 62];
  // Painted row by row from the top, each row covering the feet of the one before.
  const rows = new Map<number, Point[]>();
  for (const { at, row } of grid(canvas, r * 2, { brick: true, rows: r * 0.5 })) {
    if (at[1] > 78) rows.set(row, [...(rows.get(row) ?? []), at]);
  }
  const circles = (row: readonly Point[], radius: number): string[] => row.map((at) => circle(at, radius));
  return [
    join(1, [circle(sun, 44)]),
    ...[...rows.values()].flatMap((row) => [
      join(2, circles(row, r)),
      join(0, circles(row, r * 0.8)),
      join(2, circles(row, r * 0.6)),
      join(0, circles(row, r * 0.4)),
    ]),
  ];
};

const stars: Motif = (canvas, chance) => {
  const size = 64 + chance(2) * 16;
  const cells = grid(canvas, size);
  return [
    join(
      0,
      cells.map(({ at }) => star(at, size * 0.5, size * 0.35, 8, EIGHTH / 2)),
    ),
    join(
      2,
      cells.map(({ at }) => star(at, size * 0.3, size * 0.2, 8)),
    ),
    join(
      1,
      cells.map(({ at }) => star([at[0] + size / 2, at[1] + size / 2], size * 0.2, size * 0.09, 4)),
    ),
  ];
};

const mandala: Motif = (canvas, chance) => {
  const centre: Point = [canvas.width * (0.3 + chance(3) * 0.2), canvas.height * 0.52];
  const turn = chance(8) / 8;
  return [
    join(2, [blossom(centre, 92, 190, 24, 15, turn)]),
    join(0, [blossom(centre, 60, 118, 16, 18, turn)]),
    join(1, [blossom(centre, 34, 84, 12, 17, turn)]),
    join(0, [circle(centre, 36)]),
    join(2, [blossom(centre, 4, 32, 8, 11, turn)]),
  ];
};

const steps: Motif = (canvas, chance) => {
  const size = 80;
  const pyramid = ([x, y]: Point, scale: number, up: number): string =>
    [1, 0.7, 0.4]
      .map((part, i) =>
        rectangle(
          x - (size / 2) * part * scale,
          y - up * i * 13 * scale - (up > 0 ? 13 * scale : 0),
          size * part * scale,
          13 * scale,
        ),
      )
      .join('');
  const shift = chance(2) * (size / 2);
  const across = Array.from({ length: canvas.width / size + 2 }, (_, i) => i * size - shift);
  return [
    join(
      0,
      across.map((x) => pyramid([x, 84], 1, 1)),
    ),
    join(
      1,
      across.map((x) => pyramid([x, 84], 1, -1)),
    ),
    join(2, [
      rectangle(0, 131, canvas.width, 8),
      ...across.map((x) =>
        polygon([
          [x - 20, 160],
          [x, 146],
          [x + 20, 160],
          [x, 174],
        ]),
      ),
    ]),
    join(0, [rectangle(0, 181, canvas.width, 8), ...across.map((x) => star([x + size / 2, 160], 13, 5, 8))]),
    join(
      2,
      across.map((x) => star([x + size / 2, 28], 15, 6, 8)),
    ),
  ];
};

const scallops: Motif = (canvas, chance) => {
  const r = 26 + chance(2) * 6;
  const rows = grid(canvas, r * 2, { brick: true, rows: r }).reverse();
  return rows.flatMap(({ at, row }) => [
    join(row % 2 ? 0 : 2, [circle(at, r)]),
    join(1, [circle([at[0], at[1] + r * 0.35], r * 0.28)]),
  ]);
};

const leaves: Motif = (canvas, chance) => {
  const size = 62;
  const flip = chance(2) ? 1 : -1;
  const sprig = ([x, y]: Point, turn: number): string =>
    [-1, 1]
      .flatMap((side) => [0, 1, 2].map((i) => leaf([x, y + i * 16 - 12], [x + side * turn * 26, y + i * 16 - 32], 8)))
      .join('');
  const cells = grid(canvas, size, { brick: true, rows: 70 });
  const even = cells.filter(({ column, row }) => (column + row) % 2 === 0);
  const odd = cells.filter(({ column, row }) => (column + row) % 2 !== 0);
  return [
    join(
      0,
      even.map(({ at }) => sprig(at, flip)),
    ),
    join(
      1,
      odd.map(({ at }) => sprig(at, flip)),
    ),
    join(
      2,
      cells.map(({ at: [x, y] }) => circle([x + size / 2, y - 22], 5)),
    ),
  ];
};

const diamonds: Motif = (canvas, chance) => {
  const size = 58 + chance(2) * 12;
  const rhombus = ([x, y]: Point, w: number, h: number): string =>
    polygon([
      [x, y - h],
      [x + w, y],
      [x, y + h],
      [x - w, y],
    ]);
  const cells = grid(canvas, size, { brick: true, rows: size * 0.62 });
  return [
    join(
      0,
      cells.filter(({ row }) => row % 2 === 0).map(({ at }) => rhombus(at, size * 0.48, size * 0.6)),
    ),
    join(
      1,
      cells.map(({ at }) => rhombus(at, size * 0.3, size * 0.38)),
    ),
    join(
      2,
      cells.map(({ at }) => rhombus(at, size * 0.13, size * 0.17)),
    ),
  ];
};

const tulips: Motif = (canvas) => {
  const size = 68;
  const cells = grid(canvas, size, { brick: true, rows: 66 });
  return [
    join(
      0,
      cells.map(({ at: [x, y] }) => leaf([x, y - 58], [x, y + 58], 52)),
    ),
    join(
      1,
      cells.map(({ at: [x, y] }) => leaf([x, y + 20], [x, y - 34], 15)),
    ),
    join(
      2,
      cells.map(({ at: [x, y] }) => leaf([x, y + 24], [x - 22, y - 22], 9) + leaf([x, y + 24], [x + 22, y - 22], 9)),
    ),
  ];
};

const meander: Motif = (canvas, chance) => {
  const u = 9;
  // One period of the key: a spiral on a grid of eight by six units.
  const key = (x: number, y: number): string =>
    [
      [0, 0, 7, 1],
      [6, 0, 1, 5],
      [2, 4, 5, 1],
      [2, 2, 1, 3],
      [2, 2, 3, 1],
      [0, 6, 8, 1],
      [0, 0, 1, 7],
    ]
      .map(([a = 0, b = 0, w = 0, h = 0]) => rectangle(x + a * u, y + b * u, w * u, h * u))
      .join('');
  const band = (y: number): string =>
    Array.from({ length: canvas.width / (8 * u) + 1 }, (_, i) => key(i * 8 * u - 20, y)).join('');
  const sun: Point = [canvas.width * (0.25 + chance(3) * 0.25), 20];
  return [
    join(1, [circle(sun, 92)]),
    join(2, [circle(sun, 58)]),
    join(0, [band(122), rectangle(0, 104, canvas.width, 8)]),
  ];
};

const rings: Motif = (canvas, chance) => {
  const centre: Point = [canvas.width * (0.35 + chance(3) * 0.15), canvas.height / 2];
  const ring = (radius: number, count: number, fill: number): string =>
    Array.from({ length: count }, (_, i) => {
      const [from, to] = [(i / count) * 2 * Math.PI, ((i + fill) / count) * 2 * Math.PI];
      return polygon([
        polar(centre, radius, from),
        polar(centre, radius, to),
        polar(centre, radius + 15, to),
        polar(centre, radius + 15, from),
      ]);
    }).join('');
  return Array.from({ length: 11 }, (_, i) =>
    join((i % 3) as 0 | 1 | 2, [ring(16 + i * 18, 10 + i * 5, i % 2 ? 0.5 : 0.82)]),
  );
};

const halves: Motif = (canvas, chance) => {
  const size = 66;
  const turns = grid(canvas, size).map((cell) => ({
    ...cell,
    ink: chance(3) as 0 | 1 | 2,
    angle: (chance(4) * Math.PI) / 2,
  }));
  return turns.map(({ at, ink, angle }) =>
    join(ink, [half(at, size / 2 - 2, angle), circle(polar(at, size / 5, angle - Math.PI / 2), 6)]),
  );
};

const tiles: Motif = (canvas, chance) => {
  const size = 72 + chance(2) * 8;
  const cells = grid(canvas, size);
  const corner = ([x, y]: Point, i: number): Point => [
    x + (i % 2 ? 1 : -1) * (size / 2),
    y + (i < 2 ? 1 : -1) * (size / 2),
  ];
  return [
    join(
      0,
      cells.flatMap(({ at }) => [0, 1, 2, 3].map((i) => circle(corner(at, i), size * 0.3))),
    ),
    join(
      2,
      cells.map(({ at }) => blossom(at, 4, size * 0.52, 4, size * 0.22, EIGHTH)),
    ),
    join(
      0,
      cells.map(({ at }) => blossom(at, 4, size * 0.44, 4, size * 0.15)),
    ),
    join(
      1,
      cells.flatMap(({ at }) => [circle(at, size * 0.1), circle(corner(at, 0), size * 0.14)]),
    ),
  ];
};

const blossoms: Motif = (canvas, chance) => {
  const cells = grid(canvas, 82, { brick: true, rows: 72 }).map(
    (cell) => ({ ...cell, turn: chance(6) / 6, ink: chance(2) ? 0 : 2 }) as const,
  );
  return [
    join(
      1,
      cells.map(
        ({ at: [x, y] }) => leaf([x + 6, y + 20], [x + 44, y + 34], 13) + leaf([x - 6, y + 20], [x - 40, y + 38], 11),
      ),
    ),
    ...cells.map(({ at, turn, ink }) => join(ink, [blossom(at, 3, 36, 7, 21, turn)])),
    ...cells.map(({ at, ink }) => join(ink ? 0 : 2, [circle(at, 9)])),
  ];
};

const rays: Motif = (canvas, chance) => {
  const centre: Point = [canvas.width * (0.3 + chance(3) * 0.2), canvas.height * 1.02];
  const fan = (count: number, r: number, part: number): string[] =>
    Array.from({ length: count }, (_, i) =>
      wedge(centre, r, Math.PI * (1 + i / count), Math.PI * (1 + (i + part) / count)),
    );
  return [
    join(0, fan(13, 380, 0.5)),
    join(2, [circle(centre, 104)]),
    join(1, [circle(centre, 86)]),
    join(0, fan(9, 70, 0.6)),
  ];
};

const coins: Motif = (canvas, chance) => {
  const size = 56 + chance(2) * 10;
  const cells = grid(canvas, size);
  return [
    join(
      2,
      cells.map(({ at }) => blossom(at, 0, size * 0.7, 4, size * 0.29, EIGHTH)),
    ),
    join(
      0,
      cells.map(({ at: [x, y] }) =>
        polygon([
          [x, y - 11],
          [x + 11, y],
          [x, y + 11],
          [x - 11, y],
        ]),
      ),
    ),
    join(
      1,
      cells.map(({ at: [x, y] }) => circle([x + size / 2, y + size / 2], 5)),
    ),
  ];
};

const segments: Motif = (canvas, chance) => {
  const size = 124;
  const cells = grid(canvas, size, { brick: true, rows: 108 }).map((cell) => ({ ...cell, turn: chance(8) * 0.2 }));
  const slices = (at: Point, r: number, turn: number, part: number): string =>
    Array.from({ length: 8 }, (_, i) => wedge(at, r, turn + i * EIGHTH, turn + (i + part) * EIGHTH)).join('');
  return [
    join(
      2,
      cells.map(({ at }) => circle(at, size * 0.47)),
    ),
    join(
      0,
      cells.map(({ at, turn }) => slices(at, size * 0.41, turn, 0.92)),
    ),
    join(
      1,
      cells.flatMap(({ at, turn }) =>
        [0, 1, 2, 3, 4, 5, 6].map((i) => circle(polar(at, size * (i % 2 ? 0.3 : 0.2), turn + i * 0.9), 6.5)),
      ),
    ),
  ];
};

export const MOTIFS = {
  blossoms,
  coins,
  diamonds,
  halves,
  leaves,
  mandala,
  meander,
  rays,
  rings,
  scallops,
  segments,
  stars,
  steps,
  tiles,
  tulips,
  waves,
} satisfies Record<string, Motif>;

export type MotifName = keyof typeof MOTIFS;
