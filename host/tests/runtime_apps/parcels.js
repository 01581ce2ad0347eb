// Mounts a parcel by hand, updates it, and leaves it mounted: it must end with the app.
const log = (globalThis.parcelLog = []);

const greeting = {
  name: 'greeting',
  bootstrap: () => void log.push('bootstrap'),
  mount: [({ domElement, text }) => void (domElement.textContent = text), () => void log.push('mount')],
  update: ({ domElement, text }) => void (domElement.textContent = text),
  unmount: ({ domElement }) => void (domElement.replaceChildren(), log.push('unmount')),
};

export default {
  bootstrap: [],
  async mount({ domElement, mountParcel }) {
    const place = document.createElement('p');
    domElement.append(Object.assign(document.createElement('h1'), { textContent: 'Parcels' }), place);
    const parcel = mountParcel(() => Promise.resolve(greeting), { domElement: place, text: 'Hello' });
    log.push(parcel.getStatus());
    await parcel.mountPromise;
    log.push(`${parcel.getStatus()} ${place.textContent}`);
    await parcel.update({ text: 'Hello again' });
    const elsewhere = domElement.appendChild(document.createElement('p'));
    const broken = mountParcel(
      { ...greeting, mount: () => Promise.reject(new Error('no')) },
      { domElement: elsewhere },
    );
    await broken.mountPromise.catch((error) => log.push(`${broken.getStatus()}: ${error.message}`));
  },
  unmount: ({ domElement }) => domElement.replaceChildren(),
};
