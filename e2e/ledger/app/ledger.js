/** The ledger's desk: queues commands, and shows what waits and what the ledger says. */
import { defineApp } from '@portico/sdk';
import { command, graphqlCommand, outbox, status } from '@portico/sdk/offline';

const APPEND = `mutation Append($place: String!, $mark: String!, $refuse: Int, $times: Int) {
  append(place: $place, mark: $mark, refuse: $refuse, times: $times) { mark }
}`;
const TURNS = 400;

export const { bootstrap, mount, unmount } = defineApp({
  async mount({ domElement, portico }) {
    const desk = document.createElement('section');
    desk.id = 'desk';
    desk.append(...view());
    Object.assign(desk, tools(portico.api));
    desk.querySelector('form').addEventListener('submit', async (event) => {
      event.preventDefault();
      const { place, mark, refuse } = Object.fromEntries(new FormData(event.target));
      const { state, reason } = await desk.queue({ place, mark, lane: place, refuse: refuse ? Number(refuse) : null });
      desk.querySelector('output').value = `${mark}: ${state} ${reason ?? ''}`.trim();
    });
    domElement.append(desk);
    show(desk, portico).catch(showNothing);
    let waited = 0;
    outbox.subscribe(
      ({ length }) => {
        if (length < waited) show(desk, portico).catch(showNothing);
        waited = length;
      },
      { signal: portico.signal },
    );
  },
});

/** What tests call: the same as the form does, without a person's fingers. */
function tools(api) {
  return {
    outbox,
    status,
    /** Queues a command; resolves once it is kept on this device (`waitMs`: and how it ended, within that time). */
    queue({ place, mark, lane, refuse = null, times = null, graphql = false, waitMs = 0, key, updates }) {
      const options = { describe: `Write ${mark}`, waitMs, ...(lane && { lane }), ...(key && { key }), updates };
      return graphql
        ? graphqlCommand(api, APPEND, { place, mark, refuse, times }, options)
        : command(api, { ...options, path: '/lines', body: { place, mark, refuse, times } });
    },
    /** Queues one after another, each once the one before is kept; resolves with the marks of those that are. */
    async queueAll(wishes) {
      const kept = [];
      for (const wish of wishes) if ((await this.queue(wish)).state !== 'rejected') kept.push(wish.mark);
      return kept;
    },
    /** Queues a new text for a page of the ledger, for the version that was seen. */
    setPage({ page, text, baseVersion, waitMs = 0, lane }) {
      const options = { describe: `Set ${page}`, waitMs, ...(lane && { lane }) };
      return command(api, { ...options, method: 'PUT', path: `/pages/${page}`, body: { text }, baseVersion });
    },
    /** Sends what waits again and again until nothing is left that could be sent; resolves with what stays. */
    async settle() {
      for (let turn = 0; turn < TURNS; turn += 1) {
        await outbox.sendNow();
        const entries = await outbox.entries();
        if (entries.every((entry) => isStuck(entry, entries))) return entries;
      }
      throw new Error(`It does not settle: ${JSON.stringify(await outbox.entries())}`);
    },
  };
}

/** Whether only a person can help: with the entry itself, or with one before it in its lane. */
function isStuck({ state, lane, laneSeq }, entries) {
  if (['failed', 'conflict', 'paused'].includes(state)) return true;
  const before = entries.filter((other) => lane && other.lane === lane && other.laneSeq < laneSeq);
  return before.some((other) => other.state === 'failed' || other.state === 'conflict');
}

async function show(desk, { api, signal }) {
  const { lines } = await api.get('/lines', { signal });
  desk
    .querySelector('ol')
    .replaceChildren(
      ...lines.slice(-20).map(({ mark }) => Object.assign(document.createElement('li'), { textContent: mark })),
    );
}

function view() {
  const form = document.createElement('form');
  for (const [name, label] of [
    ['place', 'Place'],
    ['mark', 'Mark'],
    ['refuse', 'Refuse with'],
  ]) {
    const field = document.createElement('label');
    field.append(label, Object.assign(document.createElement('input'), { name }));
    form.append(field);
  }
  form.append(Object.assign(document.createElement('button'), { textContent: 'Write' }));
  return [
    Object.assign(document.createElement('h1'), { textContent: 'Ledger' }),
    document.createElement('portico-status'),
    form,
    document.createElement('output'),
    document.createElement('portico-queue'),
    document.createElement('ol'),
  ];
}

/** Without a network and with nothing kept, the lines that were there stay. */
function showNothing() {}
