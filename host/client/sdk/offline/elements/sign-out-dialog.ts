/** The question at sign-out when something has not been sent. */

import type { Listed } from '@portico/local';
import type { Keeping } from '../page.ts';
import { SIGN_OUT } from '../wording.ts';
import { button, h } from './base.ts';
import { saveCopy } from './download.ts';

/** What the person chose; `sent`: nothing is left. */
export type SignOutChoice = 'sent' | 'keep' | 'discard' | 'cancel';

const HEADING = 'portico-sign-out-heading';
const LISTED = 5;

/** Asks, in a modal dialog. */
export async function askAtSignOut(
  { outbox, flusher }: Keeping,
  waiting: () => Promise<readonly Listed[]>,
): Promise<SignOutChoice> {
  const heading = h('h2', { id: HEADING });
  const list = h('ul', { class: 'p-dialog__list' });
  const told = h('p', { role: 'status' });
  const dialog = h('dialog', { class: 'p-dialog', 'aria-labelledby': HEADING });
  const show = async (): Promise<number> => {
    const entries = await waiting();
    heading.textContent = SIGN_OUT.heading(entries.length);
    list.replaceChildren(...entries.slice(0, LISTED).map(({ describe }) => h('li', {}, describe)));
    return entries.length;
  };
  const send = async (): Promise<void> => {
    told.textContent = SIGN_OUT.sending;
    const limit = new Promise((resolve) => setTimeout(resolve, SEND_LIMIT_MS));
    await Promise.race([flusher.flushHere(true), limit]);
    const left = await show();
    told.textContent = left ? SIGN_OUT.notSent(left) : '';
    if (left === 0) dialog.close('sent');
  };
  const copy = async (): Promise<void> => {
    saveCopy(await outbox.export());
    told.textContent = SIGN_OUT.exported;
  };
  dialog.append(
    heading,
    list,
    h('p', {}, SIGN_OUT.text),
    h(
      'div',
      { class: 'p-dialog__acts' },
      button('send', SIGN_OUT.send, send, 'main'),
      button('keep', SIGN_OUT.keep, () => dialog.close('keep')),
      button('export', SIGN_OUT.export, copy),
      button('discard', SIGN_OUT.discard, () => dialog.close('discard'), 'danger'),
      button('cancel', SIGN_OUT.cancel, () => dialog.close('cancel')),
    ),
    told,
  );
  await show();
  document.body.append(dialog);
  dialog.showModal();
  // Closed with Escape, it says nothing: the person stays.
  return new Promise((resolve) => {
    dialog.onclose = () => {
      dialog.remove();
      resolve((dialog.returnValue || 'cancel') as SignOutChoice);
    };
  });
}

const SEND_LIMIT_MS = 15_000;
