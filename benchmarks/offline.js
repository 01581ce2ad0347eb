/** What the offline benchmark measures inside the page; times in milliseconds. */
(() => {
  const desk = () => document.querySelector('#desk');

  /** Median-ready samples of confirming a command, and of a bare strict write of the same size, taking turns. */
  async function confirmations(rounds) {
    const db = await new Promise((resolve, reject) => {
      const opening = indexedDB.open('floor', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('rows');
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => resolve(opening.result);
    });
    const put = (key, row) =>
      new Promise((resolve, reject) => {
        const work = db.transaction('rows', 'readwrite', { durability: 'strict' });
        work.objectStore('rows').put(row, key);
        work.oncomplete = resolve;
        work.onabort = () => reject(work.error);
      });
    const wish = (round) => ({ place: 'bench', mark: `confirm-${round}`, lane: `bench-${round % 50}` });
    const command = [];
    const floor = [];
    for (let round = 0; round < rounds; round += 1) {
      command.push(await timed(() => desk().queue(wish(round))));
      floor.push(await timed(() => put(round, { ...wish(round), headers: 'x'.repeat(400) })));
    }
    return { command, floor };
  }

  /** Seconds until everything that waits was sent. */
  async function drain() {
    const took = await timed(() => desk().settle());
    return { seconds: took / 1000, left: (await desk().outbox.entries()).length };
  }

  /** Seconds for the same number of commands by bare fetch, six at a time, each with a key of its own. */
  async function bare(count) {
    const turns = Array.from({ length: count }, (_, turn) => turn).values();
    const send = async () => {
      for (const turn of turns) {
        const headers = { 'X-Portico': '1', 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
        const body = JSON.stringify({ place: 'bench', mark: `bare-${turn}` });
        const answer = await fetch('/api/ledger/lines', { method: 'POST', headers, body });
        if (!answer.ok) throw new Error(`${answer.status}`);
        await answer.text();
      }
    };
    return { seconds: (await timed(() => Promise.all(Array.from({ length: 6 }, send)))) / 1000 };
  }

  async function timed(work) {
    const start = performance.now();
    await work();
    return performance.now() - start;
  }

  globalThis.bench = { confirmations, drain, bare };
})();
