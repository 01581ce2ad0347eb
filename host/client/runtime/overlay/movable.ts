/** Moving the panel: by its bar with a pointer, by its button with the arrow keys. */

/** The panel's start corner, in CSS pixels from the top left of the window. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Handles {
  readonly bar: HTMLElement;
  readonly move: HTMLElement;
  /** Where it stood before. */
  readonly place: Place | undefined;
  readonly signal: AbortSignal;
}

const STEP_PX = 20;
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Lets `panel` be moved, and tells where it was put. It never leaves the window altogether. */
export function movable(panel: HTMLElement, handles: Handles, onMoved: (place: Place) => void): void {
  const { bar, move, place, signal } = handles;
  const put = ({ x, y }: Place): Place => {
    const { width, height } = panel.getBoundingClientRect();
    const at = { x: within(x, innerWidth - width), y: within(y, innerHeight - height) };
    panel.style.setProperty('--x', `${at.x}px`);
    panel.style.setProperty('--y', `${at.y}px`);
    panel.toggleAttribute('data-moved', true);
    return at;
  };
  const moved = (to: Place): void => onMoved(put(to));
  if (place) requestAnimationFrame(() => put(place));
  const again = (): unknown => panel.hasAttribute('data-moved') && put(panel.getBoundingClientRect());
  addEventListener('resize', again, { signal });
  move.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const { x, y } = panel.getBoundingClientRect();
    moved({ x: x + step[0] * STEP_PX, y: y + step[1] * STEP_PX });
  });
  bar.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || (event.target as Element).closest('button:not([aria-description])')) return;
    drag(bar, event, panel.getBoundingClientRect(), moved);
  });
}

function drag(bar: HTMLElement, from: PointerEvent, start: Place, moved: (place: Place) => void): void {
  const ended = new AbortController();
  const { signal } = ended;
  bar.setPointerCapture(from.pointerId);
  const follow = ({ clientX, clientY }: PointerEvent): void =>
    moved({ x: start.x + clientX - from.clientX, y: start.y + clientY - from.clientY });
  bar.addEventListener('pointermove', follow, { signal });
  for (const type of ['pointerup', 'pointercancel']) bar.addEventListener(type, () => ended.abort(), { signal });
}

function within(value: number, most: number): number {
  return Math.round(Math.max(0, Math.min(value, most)));
}
