/** Signing out: what waits is not lost without a question, and what was kept for the person goes. */

import { boot } from '@portico/sdk';
import { askAtSignOut, sayOffline } from './elements/sign-out-dialog.ts';
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
    mayLeave(own, own.sub, pages).then(
      (may) => {
        leaving = false;
        if (may) form.submit();
      },
      (error: unknown) => {
        reportError(error);
        form.submit(); // whatever went wrong here, the session ends
      },
    );
  };
  document.addEventListener('submit', stop, { capture: true, signal });
}

/** Asks what is to be asked, and deletes what is kept; false when the person stays. */
async function mayLeave(own: Page, sub: string, pages: Pages): Promise<boolean> {
  const keeping = await own.keeping;
  const waits = keeping !== null && (await keeping.outbox.entries()).length > 0;
  const choice = waits ? await askAtSignOut(keeping) : 'sent';
  if (choice === 'cancel') return false;
  // What is discarded or left for later is not sent any more: also not because the question below finds the server.
  if (choice !== 'sent') await keeping?.outbox.hold();
  // Without the server the session would go on, and its person would not know.
  while (!(await own.probe.ask()))
    if (!(await sayOffline())) {
      await keeping?.outbox.resume(sub);
      keeping?.flusher.flush();
      return false;
    }
  pages.tell({ kind: 'leaving', sub });
  await disablePush().catch(reportError);
  // Somebody may have saved something since the question was asked, or not asked: that is kept.
  const late = choice === 'sent' && keeping !== null && (await keeping.outbox.entries()).length > 0;
  await own.close();
  await forget(sub, { keepOutbox: choice === 'keep' || late });
  return true;
}
