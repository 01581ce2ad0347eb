/** In the page: what the modules of an app that is made with Preact tell of their components. */

export function refresher() {
  const core = globalThis.__PREFRESH__; // this app's: the next one that is worked on in this page puts its own there
  return {
    scope: (module) => ({
      $RefreshReg$: (type, id) => core.register(type, `${module} ${id}`),
      $RefreshSig$: () => signing(core),
    }),
    refresh() {
      const updates = core.getPendingUpdates();
      core.flush();
      for (const [before, after] of updates) core.replaceComponent(before, after, hooksDiffer(core, before, after));
    },
  };
}

/** Called for a component once when it is defined, then at each time it renders. */
function signing(core) {
  let [status, first] = ['begin', undefined];
  return (type, key, forceReset, getCustomHooks) => {
    first ??= type;
    status = core.sign(type ?? first, key, forceReset, getCustomHooks, status);
    return type;
  };
}

/** Whether a component calls other hooks than before: it begins anew then. */
function hooksDiffer(core, before, after) {
  const [old, now] = [core.getSignature(before) ?? {}, core.getSignature(after) ?? {}];
  return old.key !== now.key || Boolean(now.forceReset) || core.computeKey(old) !== core.computeKey(now);
}
