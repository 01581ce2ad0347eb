/** The questions at sign-out: what to do with what has not been sent, and that it needs a connection. */

import { CLOCK } from '../clock.ts';
import type { Keeping } from '../page.ts';
import { SIGN_OUT } from '../wording.ts';
import { button, h } from './base.ts';
import { saveCopy } from './download.ts';

/** What the person chose; `sent`: nothing is left. */
export type SignOutChoice = 'sent' | 'keep' | 'discard' | 'cancel';

const HEADING = 'portico-sign-out-heading';
const LISTED = 5;
const SEND_LIMIT_MS = 15_000;

/** Asks what should happen with what waits. */
export async function askAtSignOut({ outbox, flusher }: Keeping): Promise<SignOutChoice> {
  const heading = h('h2', { id: HEADING });
  const list = h('ul', { class: 'p-dialog__list' });
  const told = h('p', { role: 'status' });
  const show = async (): Promise<number> => {
    const entries = await outbox.entries();
    heading.textContent = SIGN_OUT.heading(entries.length);
    list.replaceChildren(...entries.slice(0, LISTED).map(({ describe }) => h('li', {}, describe)));
    return entries.length;
  };
  const send = async (): Promise<void> => {
    told.textContent = SIGN_OUT.sending;
    const limit = new Promise<void>((resolve) => void CLOCK.after(SEND_LIMIT_MS, resolve));
    await Promise.race([flusher.flushHere(true), limit]);
    const left = await show();
    told.textContent = left ? SIGN_OUT.notSent(left) : '';
    if (left === 0) dialog.close('sent');
  };
  const copy = async (): Promise<void> => {
    saveCopy(await outbox.export());
    told.textContent = SIGN_OUT.exported;
  };
  const dialog = dialogOf(
    heading,
    list,
    h('p', {}, SIGN_OUT.text),
    acts(
      button('send', SIGN_OUT.send, send, 'main'),
      button('keep', SIGN_OUT.keep, () => dialog.close('keep')),
      button('export', SIGN_OUT.export, copy),
      button('discard', SIGN_OUT.discard, () => dialog.close('discard'), 'danger'),
      button('cancel', SIGN_OUT.cancel, () => dialog.close('cancel')),
    ),
    told,
  );
  await show();
  return (await answered(dialog)) as SignOutChoice;
}

/** Says that signing out needs a connection; true to try again. */
export async function sayOffline(): Promise<boolean> {
  const dialog = dialogOf(
    h('h2', { id: HEADING }, SIGN_OUT.offline),
    h('p', {}, SIGN_OUT.offlineText),
    acts(
      button('again', SIGN_OUT.again, () => dialog.close('again'), 'main'),
      button('cancel', SIGN_OUT.cancel, () => dialog.close('cancel')),
    ),
  );
  return (await answered(dialog)) === 'again';
}

function dialogOf(...children: readonly HTMLElement[]): HTMLDialogElement {
  return h('dialog', { class: 'p-dialog', 'aria-labelledby': HEADING }, ...children);
}

function acts(...buttons: readonly HTMLElement[]): HTMLElement {
  return h('div', { class: 'p-dialog__acts' }, ...buttons);
}

/** Shows a dialog over the page until it is answered. Closed with Escape it says nothing: the person stays. */
function answered(dialog: HTMLDialogElement): Promise<string> {
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      dialog.remove();
      resolve(dialog.returnValue || 'cancel');
    };
  });
}
