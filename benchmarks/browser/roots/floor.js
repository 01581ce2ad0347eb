// What somebody writes by hand for these three views and no others: the least that a page must do.
const VIEWS = {
  '/list': () => import('@bench/list'),
  '/detail': () => import('@bench/detail'),
  '/form': () => import('@bench/form'),
};
const loaded = {};
const domElement = document.querySelector('main');
let shown;

async function show(path) {
  const next = (loaded[path] ??= await VIEWS[path]());
  await shown?.unmount({ domElement });
  shown = next;
  await shown.mount({ domElement });
}

navigation.addEventListener('navigate', (event) => {
  const { pathname } = new URL(event.destination.url);
  if (event.canIntercept && VIEWS[pathname]) event.intercept({ handler: () => show(pathname) });
});

show(location.pathname);
