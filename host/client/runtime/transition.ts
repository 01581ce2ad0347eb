/** View transitions (CSS View Transitions Level 1). */

/** Makes a change by a view transition, where the browser has them and the person has nothing against motion. */
export async function smoothly(change: () => Promise<void>): Promise<void> {
  if (!document.startViewTransition || matchMedia('(prefers-reduced-motion: reduce)').matches) return change();
  const transition = document.startViewTransition(change);
  transition.ready.catch(() => {}); // skipped for a newer one, or the page is not visible: the change is made all the same
  await transition.updateCallbackDone;
}
