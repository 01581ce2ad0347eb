/** Shows that a navigation takes a while. */

const AFTER_MS = 150;

/** A bar that shows while the latest wait has lasted longer than 150 ms. */
export class Progress {
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #bar = document.createElement('div');

  constructor() {
    this.#bar.className = 'p-progress';
    this.#bar.role = 'progressbar';
    this.#bar.ariaLabel = 'Loading';
  }

  /** Begins a wait; the returned function ends it. A newer wait takes the place of an older one, whose end is nothing. */
  begin(): () => void {
    const turn = ++this.#turn;
    this.#timer ??= setTimeout(() => document.body.append(this.#bar), AFTER_MS);
    return () => {
      if (turn !== this.#turn) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#bar.remove();
    };
  }
}
