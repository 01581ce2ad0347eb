/** Shows that a navigation takes a while. */

const AFTER_MS = 150;

/** Begins a wait; the returned function ends it. A bar shows while any wait has lasted longer than 150 ms. */
export class Progress {
  #waits = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #bar = document.createElement('div');

  constructor() {
    this.#bar.className = 'p-progress';
    this.#bar.role = 'progressbar';
    this.#bar.ariaLabel = 'Loading';
  }

  /** Begins a wait. */
  begin(): void {
    if (this.#waits++ === 0) this.#timer = setTimeout(() => document.body.append(this.#bar), AFTER_MS);
  }

  /** Ends a wait. */
  end(): void {
    if (--this.#waits > 0) return;
    clearTimeout(this.#timer);
    this.#bar.remove();
  }
}
