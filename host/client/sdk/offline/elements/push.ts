/** `<portico-push>`: the switch for messages when the site is closed. */

import { type PushState, push } from '../push.ts';
import { PUSH } from '../wording.ts';
import { h, LiveElement, redraw } from './base.ts';

export class PushElement extends LiveElement {
  protected watch(): void {
    push.state().then((state) => this.#show(state), reportError);
  }

  #show(state: PushState, told = ''): void {
    const able = state === 'on' || state === 'off';
    redraw(
      this,
      able ? this.#switch(state) : h('p', { class: 'p-empty' }, PUSH[state]),
      h('p', { role: 'status' }, told),
    );
  }

  #switch(state: 'on' | 'off'): HTMLElement {
    const flip = async (): Promise<void> => {
      try {
        this.#show(await (state === 'on' ? push.disable() : push.enable()));
      } catch (error) {
        reportError(error);
        this.#show(await push.state(), PUSH.failed);
      }
    };
    const attributes = { type: 'button', role: 'switch', 'aria-checked': String(state === 'on'), class: 'p-switch' };
    const knob = h('span', { class: 'p-switch__knob', 'aria-hidden': 'true' });
    return h('button', { ...attributes, 'data-act': 'flip', onclick: flip }, knob, PUSH.label);
  }
}
