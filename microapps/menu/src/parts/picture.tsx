import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { artwork, CARD } from '../artwork/artwork.ts';
import type { Canvas } from '../artwork/motifs.ts';

interface Props {
  readonly id: string;
  readonly cuisine: string;
  readonly canvas?: Canvas;
}

/** A restaurant's picture. It says nothing that the text does not, so it is hidden from screen readers. */
export function Picture({ id, cuisine, canvas = CARD }: Props): JSX.Element {
  const { viewBox, ground, paths } = useMemo(() => artwork(id, cuisine, canvas), [id, cuisine, canvas]);
  return (
    <svg class="menu-picture" viewBox={viewBox} preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <rect width="100%" height="100%" fill={ground} />
      {paths.map(({ d, fill }, index) => (
        <path key={index} d={d} fill={fill} />
      ))}
    </svg>
  );
}
