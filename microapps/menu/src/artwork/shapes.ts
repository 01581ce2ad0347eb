/** Path builders for the artwork. Every function returns the `d` of an SVG path, rounded to a tenth of a unit. */

export type Point = readonly [x: number, y: number];

const n = (value: number): string => String(Math.round(value * 10) / 10);

/** A point at `angle` (radians, clockwise from three o'clock) and `radius` from `centre`. */
export const polar = ([x, y]: Point, radius: number, angle: number): Point => [
  x + radius * Math.cos(angle),
  y + radius * Math.sin(angle),
];

export const polygon = (points: readonly Point[]): string => `M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}Z`;

export const rectangle = (x: number, y: number, width: number, height: number): string =>
  `M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${n(-width)}Z`;

export const circle = ([x, y]: Point, r: number): string =>
  `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${n(-2 * r)} 0Z`;

/** A slice of a disc between two angles less than half a turn apart. */
export function wedge(centre: Point, r: number, from: number, to: number): string {
  const [ax, ay] = polar(centre, r, from);
  const [bx, by] = polar(centre, r, to);
  return `M${n(centre[0])} ${n(centre[1])}L${n(ax)} ${n(ay)}A${n(r)} ${n(r)} 0 0 1 ${n(bx)} ${n(by)}Z`;
}

/** A half disc whose flat side faces `angle` + a quarter turn. */
export function half(centre: Point, r: number, angle: number): string {
  const [ax, ay] = polar(centre, r, angle);
  const [bx, by] = polar(centre, r, angle + Math.PI);
  return `M${n(ax)} ${n(ay)}A${n(r)} ${n(r)} 0 0 1 ${n(bx)} ${n(by)}Z`;
}

/** A leaf from `a` to `b`, `width` wide at its middle. */
export function leaf(a: Point, b: Point, width: number): string {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [ox, oy] = [(-dy / length) * width, (dx / length) * width];
  const [mx, my] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return `M${n(a[0])} ${n(a[1])}Q${n(mx + ox)} ${n(my + oy)} ${n(b[0])} ${n(b[1])}Q${n(mx - ox)} ${n(my - oy)} ${n(a[0])} ${n(a[1])}Z`;
}

/** `count` leaves around a centre, like a flower or a mandala's ring. */
export function blossom(centre: Point, inner: number, outer: number, count: number, width: number, turn = 0): string {
  return Array.from({ length: count }, (_, i) => {
    const angle = turn + (i / count) * 2 * Math.PI;
    return leaf(polar(centre, inner, angle), polar(centre, outer, angle), width);
  }).join('');
}

/** A star of `points` tips. */
export function star(centre: Point, outer: number, inner: number, points: number, turn = 0): string {
  return polygon(
    Array.from({ length: points * 2 }, (_, i) => polar(centre, i % 2 ? inner : outer, turn + (i / points) * Math.PI)),
  );
}
