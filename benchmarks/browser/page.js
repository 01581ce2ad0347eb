/** What the browser benchmark measures inside the page; times in milliseconds. Put into every page before its own scripts. */
(() => {
  const ORDER = ['detail', 'form', 'list'];
  let turn = 0;
  let first;
  let waiting;
  let shift = 0;
  const longTasks = [];

  const observe = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  observe('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) shift += value;
  });
  observe('longtask', ({ duration }) => longTasks.push(duration));

  addEventListener('bench-mounted', ({ detail }) => {
    if (first === undefined) {
      first = performance.now();
      globalThis.benchMounted?.(detail); // the driver's
    }
    waiting?.(detail);
  });

  /** What the cold start was like; `early` are the addresses of what had arrived when the first view stood. */
  function start() {
    if (first === undefined) return null;
    const early = performance.getEntries().filter(({ responseEnd }) => responseEnd && responseEnd <= first);
    return { first, shift, longTasks, early: early.map(({ name }) => name) };
  }

  /** Samples of `count` switches, each from the click on a link until the next view is in the page. */
  async function switches(count) {
    const samples = [];
    while (samples.length < count) {
      samples.push(await one(ORDER[turn++ % ORDER.length]));
      await rest();
    }
    return samples;
  }

  function one(name) {
    const link = document.querySelector(`nav a[href="/${name}"]`);
    return new Promise((resolve) => {
      const began = performance.now();
      waiting = (mounted) => {
        if (mounted === name) resolve(performance.now() - began);
      };
      link.click();
    });
  }

  /** Lets the page finish what it does after a switch, and draw it: a person never clicks sooner. */
  async function rest() {
    await navigation.transition?.finished;
    await new Promise((go) => requestAnimationFrame(go));
    await new Promise((go) => setTimeout(go));
  }

  globalThis.bench = { start, switches, shift: () => shift };
})();
