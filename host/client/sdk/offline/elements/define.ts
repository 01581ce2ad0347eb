/** The names of the platform's elements. */

import { AsOfElement } from './as-of.ts';
import { InboxElement } from './inbox.ts';
import { PushElement } from './push.ts';
import { QueueElement } from './queue.ts';
import { StatusElement } from './status.ts';
import { ToastElement } from './toast.ts';
import { UnreadElement } from './unread.ts';

const ELEMENTS: Readonly<Record<string, CustomElementConstructor>> = {
  'portico-status': StatusElement,
  'portico-queue': QueueElement,
  'portico-inbox': InboxElement,
  'portico-unread': UnreadElement,
  'portico-as-of': AsOfElement,
  'portico-push': PushElement,
  'portico-toast': ToastElement,
};

/** Defines those that are not defined yet. */
export function defineElements(): void {
  for (const [name, element] of Object.entries(ELEMENTS))
    if (!customElements.get(name)) customElements.define(name, element);
}
