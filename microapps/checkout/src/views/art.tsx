/** Drawings in the page's own colours; they decorate and say nothing. */
import type { ReactNode } from 'react';

export function Bag({ size }: { size: number }): ReactNode {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" aria-hidden="true">
      <path
        d="M5 8.5h14l-.9 10.2a2 2 0 0 1-2 1.8H7.9a2 2 0 0 1-2-1.8L5 8.5Z"
        strokeWidth="1.7"
        strokeLinejoin="round"
      />
      <path d="M8.5 11V7a3.5 3.5 0 0 1 7 0v4" strokeWidth="1.7" strokeLinecap="round" />
    </svg>
  );
}

export function Receipt({ size }: { size: number }): ReactNode {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" aria-hidden="true">
      <path d="M6 3.5h12v17l-2-1.4-2 1.4-2-1.4-2 1.4-2-1.4-2 1.4v-17Z" strokeWidth="1.7" strokeLinejoin="round" />
      <path d="M9 8.5h6M9 12h6M9 15.5h3.5" strokeWidth="1.7" strokeLinecap="round" />
    </svg>
  );
}

export function Tick({ size }: { size: number }): ReactNode {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" aria-hidden="true">
      <path d="m5.5 12.5 4.2 4.2 8.8-9.4" strokeWidth="2.2" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
