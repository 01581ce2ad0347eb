/** A place on the page: `<portico-slot name="main">`. Shows apps, each in a root of its own; one's failure stays its own. */

import type { Registration } from '@portico/sdk';
import { later } from './idle.ts';
import type { Placement, Visit } from './placement.ts';
import { notOpened } from './words.ts';

/** An app to be shown, and for what address. */
export interface Target {
  readonly placement: Placement;
  readonly visit: Visit;
}

export class Slot {
  /** The places of the apps that have been here. */
  readonly placements = new Map<Registration, Placement>();
  /** Whether it is inside an app. */
  readonly nested: boolean;
  #turn = 0;
  /** Apps in the page or on their way in; with its fallback, one that failed. */
  readonly #shown = new Map<Placement, HTMLElement | undefined>();
  #rendered = true;

  /**
   * @param view whether it shows the view that the address names; then a fallback has the page's heading.
   * @param retry shows what belongs here by now; resolves as `show` does.
   */
  constructor(
    readonly element: HTMLElement,
    readonly name: string,
    readonly view: boolean,
    readonly retry: () => Promise<boolean>,
  ) {
    this.nested = !!element.closest('[data-app]') || element.getRootNode() !== document;
  }

  /**
   * Shows these apps and no others. What is on screen stays there until the new ones are ready to mount. Resolves to
   * whether that was brought to an end: `false` when a newer call took over. Never rejects: failures are shown.
   */
  async show(targets: readonly Target[]): Promise<boolean> {
    const turn = ++this.#turn;
    const current = (): boolean => turn === this.#turn;
    const wanted = new Set(targets.map(({ placement }) => placement));
    const leaving = [...this.#shown.keys()].filter((placement) => !wanted.has(placement));
    for (const placement of leaving) if (placement.onItsWay) void this.#dismiss(placement);
    for (const placement of wanted) this.#shown.set(placement, this.#shown.get(placement));

    const failures = await Promise.all(targets.map(prepared));
    if (!current()) return false;
    const change = async (): Promise<void> => {
      if (!current()) return; // a view transition begins later; by then what is leaving here may be wanted again
      await Promise.all(leaving.map((placement) => this.#dismiss(placement)));
      if (!current()) return;
      if (targets.length) this.#makeRoom();
      await Promise.all(targets.map((target, index) => this.#enter(target, failures[index], current)));
    };
    const smooth =
      this.element.hasAttribute('transition') || targets.some(({ visit }) => visit.registration.transition);
    await (smooth && leaving.length ? later().then(({ smoothly }) => smoothly(change), change) : change());
    return current();
  }

  /** The app of this name that is in the page or on its way; one that failed is neither. */
  shown(name: string): Placement | undefined {
    return [...this.#shown.keys()].find((one) => one.module.registration.name === name && one.state !== 'failed');
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
      const { fallback } = await later().catch(() => ({ fallback: withoutMore }));
      if (!current()) return;
      const element = fallback(visit.route.title, error, this, placement.failures);
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
}

interface Failure {
  readonly error: unknown;
}

/** In place of an app when not even the fallback can be had. */
function withoutMore(title: string | null | undefined): HTMLElement {
  return Object.assign(document.createElement('p'), {
    role: 'alert',
    textContent: notOpened(title),
  });
}

async function prepared({ placement, visit }: Target): Promise<Failure | undefined> {
  try {
    if (!placement.present) await placement.prepare(visit);
    return undefined;
  } catch (error) {
    return { error };
  }
}
