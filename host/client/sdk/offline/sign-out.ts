/** Signing out: what waits is not lost without a question, and what was kept for the person goes. */

import type { Listed } from '@portico/local';
import { boot } from '@portico/sdk';
import { askAtSignOut } from './elements/sign-out-dialog.ts';
import { forget } from './forget.ts';
import type { Page } from './page.ts';
import type { Pages } from './pages.ts';
import { disablePush } from './push.ts';

/** Stands between the form that signs out and the server, until `signal` aborts. */
export function startSignOut(own: Page, pages: Pages, signal: AbortSignal): void {
  const action = new URL(boot().urls.signOut, location.href).href;
  let leaving = false;
  const stop = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    if (form.action !== action || own.sub === null) return;
    event.preventDefault();
    if (leaving) return;
    leaving = true;
    signOut(own, pages, form)
      .catch((error: unknown) => {
        reportError(error);
        form.submit(); // whatever went wrong here, the session ends
      })
      .finally(() => {
        leaving = false;
      });
  };
  document.addEventListener('submit', stop, { capture: true, signal });
}

async function signOut(own: Page, pages: Pages, form: HTMLFormElement): Promise<void> {
  const { sub } = own;
  const keeping = await own.keeping;
  if (sub === null || !keeping) return form.submit();
  const waiting = async (): Promise<readonly Listed[]> => keeping.outbox.entries();
  const choice = (await waiting()).length ? await askAtSignOut(keeping, waiting) : 'sent';
  if (choice === 'cancel') return;
  pages.tell({ kind: 'leaving', sub });
  await disablePush().catch(reportError);
  await own.close();
  await forget(sub, { keepOutbox: choice === 'keep' });
  form.submit();
}
