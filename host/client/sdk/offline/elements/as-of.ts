/** `<portico-as-of app="things">`: says from when an app's data is, while it may be out of date. */

import { status } from '../facade.ts';
import { LINE } from '../wording.ts';
import { LiveElement } from './base.ts';

export class AsOfElement extends LiveElement {
  protected watch(signal: AbortSignal): void {
    status.subscribe(() => this.#show(), { signal });
  }

  #show(): void {
    const since = status.asOf(this.getAttribute('app') ?? '');
    this.hidden = since === null;
    this.textContent = since ? LINE.asOf(since) : '';
  }
}
