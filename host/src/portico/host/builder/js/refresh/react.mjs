/** In the page: what the modules of an app that is made with React tell of their components. */

export function refresher(runtime) {
  runtime.injectIntoGlobalHook(globalThis);
  return {
    scope: (module) => ({
      $RefreshReg$: (type, id) => runtime.register(type, `${module} ${id}`),
      $RefreshSig$: runtime.createSignatureFunctionForTransform,
    }),
    refresh: () => void runtime.performReactRefresh(),
  };
}
