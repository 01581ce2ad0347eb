import { Observable } from './observable.ts';

const SHOWN_MS = 5000;

/** One short message at a time; it goes by itself, and a new one takes the place of the old. */
export class Notice extends Observable<string | null> {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super(null);
  }

  show(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.set(null), SHOWN_MS);
    this.set(text);
  }

  dismiss(): void {
    clearTimeout(this.#timer);
    this.set(null);
  }
}
