/** A place on the page: `<portico-slot name="main">`. Shows apps, each in a root of its own; one's failure stays its own. */

import { fallback } from './fallback.ts';
import type { Placement, Visit } from './placement.ts';

/** An app to be shown, and for what address. */
export interface Target {
  readonly placement: Placement;
  readonly visit: Visit;
}

export class Slot {
  #turn = 0;
  #targets: readonly Target[] = [];
  /** Apps in the page or on their way in; with its fallback, one that failed. */
  readonly #shown = new Map<Placement, HTMLElement | undefined>();
  #rendered = true;

  /**
   * @param view whether it shows the view that the address names; then a fallback has the page's heading.
   * @param onRetried called when "Try again" brought the apps in.
   */
  constructor(
    readonly element: HTMLElement,
    readonly name: string,
    readonly view: boolean,
    readonly onRetried: (slot: Slot) => void,
  ) {}

  /**
   * Shows these apps and no others. What is on screen stays there until the new ones are ready to mount. Resolves to
   * whether that was brought to an end: `false` when a newer call took over. Never rejects: failures are shown.
   */
  async show(targets: readonly Target[]): Promise<boolean> {
    const turn = ++this.#turn;
    const current = (): boolean => turn === this.#turn;
    this.#targets = targets;
    const wanted = new Set(targets.map(({ placement }) => placement));
    const leaving = [...this.#shown.keys()].filter((placement) => !wanted.has(placement));
    for (const placement of leaving) if (placement.onItsWay) void this.#dismiss(placement);
    for (const placement of wanted) this.#shown.set(placement, this.#shown.get(placement));

    const failures = await Promise.all(targets.map(prepared));
    if (!current()) return false;
    await Promise.all(leaving.map((placement) => this.#dismiss(placement)));
    if (!current()) return false;
    if (targets.length) this.#makeRoom();
    await Promise.all(targets.map((target, index) => this.#enter(target, failures[index], current)));
    return current();
  }

  #dismiss(placement: Placement): Promise<void> {
    this.#shown.get(placement)?.remove();
    this.#shown.delete(placement);
    return placement.leave();
  }

  /** The first apps take the place of what the host rendered. */
  #makeRoom(): void {
    if (this.#rendered) this.element.replaceChildren();
    this.#rendered = false;
  }

  async #enter({ placement, visit }: Target, failure: Failure | undefined, current: () => boolean): Promise<void> {
    try {
      if (failure) throw failure.error;
      if (placement.present) await placement.update(visit);
      else await placement.mount((root) => this.#place(placement, root));
    } catch (error) {
      if (!current()) return;
      const element = fallback(visit.route.title, error, this.view, placement.failures, () => void this.#retry());
      this.#place(placement, element);
      this.#shown.set(placement, element);
    }
  }

  /** Puts an app's root or fallback into the slot: where its fallback stood, else last. */
  #place(placement: Placement, element: HTMLElement): void {
    const before = this.#shown.get(placement);
    if (before) before.replaceWith(element);
    else this.element.append(element);
    this.#shown.set(placement, undefined);
  }

  async #retry(): Promise<void> {
    // The pressed button goes with the fallback, and its focus to the body; a person who went elsewhere stays there.
    if (!(await this.show(this.#targets)) || document.activeElement !== document.body) return;
    const again = this.element.querySelector<HTMLElement>('.p-fallback button');
    if (again) again.focus();
    else this.onRetried(this);
  }
}

interface Failure {
  readonly error: unknown;
}

async function prepared({ placement, visit }: Target): Promise<Failure | undefined> {
  try {
    if (!placement.present) await placement.prepare(visit);
    return undefined;
  } catch (error) {
    return { error };
  }
}
