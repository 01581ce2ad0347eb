// Mounts a parcel of each framework by hand, updates it, unmounts it and mounts it again; then breaks some rules.
import { recorded } from './recorded.js';

const KINDS = ['react', 'vue', 'svelte', 'element'];
const told = [];

async function through(kind, { domElement, mountParcel }) {
  const { parcel: config } = await import(`@site/${kind}`);
  const place = domElement.appendChild(document.createElement('div'));
  const say = (what) => void told.push([kind, what, parcel.getStatus(), place.innerHTML]);
  const parcel = mountParcel(config, { domElement: place, text: 'one', kept: 'this' });
  await parcel.mountPromise;
  say('mounted');
  await parcel.update({ domElement: place, text: 'two', kept: 'this' });
  say('updated');
  await parcel.update({ domElement: place, text: 'three' });
  say('updated with less');
  await parcel.unmount();
  say('unmounted');
  await refused(
    () => parcel.update({ domElement: place, text: 'three' }),
    `${kind} updated when it is not there`,
    parcel,
  );
  await parcel.mount();
  say('mounted again');
  await refused(() => parcel.mount(), `${kind} mounted twice`, parcel);
}

async function refused(act, what, parcel) {
  const outcome = await Promise.resolve()
    .then(act)
    .then(
      () => 'done',
      () => 'refused',
    );
  told.push([what, outcome, parcel.getStatus()]);
}

async function unmountedTwice({ domElement, mountParcel }) {
  const { parcel: config } = await import('@site/element');
  const parcel = mountParcel(config, { domElement: domElement.appendChild(document.createElement('div')) });
  await parcel.mountPromise;
  await parcel.unmount();
  const outcome = await Promise.resolve()
    .then(() => parcel.unmount())
    .catch(() => 'refused');
  told.push(['unmounted twice', outcome]);
}

async function broken(kind, { domElement, mountParcel }) {
  const { parcel: config } = await import(`@site/broken-${kind}`);
  const parcel = mountParcel(config, { domElement: domElement.appendChild(document.createElement('div')) });
  const message = await parcel.mountPromise.then(
    () => 'mounted',
    (error) => error.message.replace(/^.*?(\w+: out of order).*$/s, '$1'),
  );
  told.push([kind, message, parcel.getStatus()]);
}

export const { bootstrap, mount, unmount } = recorded({
  bootstrap: async () => {},
  mount: async (props) => {
    globalThis.parcelsTold = told;
    for (const kind of KINDS) await through(kind, props);
    for (const kind of ['vue', 'svelte']) await broken(kind, props);
    await unmountedTwice(props);
    props.domElement.append(Object.assign(document.createElement('h1'), { textContent: 'Parcels' }));
  },
  unmount: async ({ domElement }) => domElement.replaceChildren(),
});
