import { boot, type MountParcel, mountPoint } from '@portico/sdk';
import { createContext, type JSX } from 'preact';
import { useContext, useEffect, useRef } from 'preact/hooks';

/** Mounts parcels of this page. */
export const ParcelContext = createContext<MountParcel | null>(null);

/** What other apps offer to show of a restaurant; a parcel that fails leaves its place empty. */
export function Parcels({ restaurantId }: { readonly restaurantId: string }): JSX.Element {
  const mountParcel = useContext(ParcelContext);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const offered = mountParcel && place.current ? mountPoint('about-a-restaurant') : [];
    const parcels = offered.map(({ app }) => {
      const name = boot().apps.find((one) => one.app === app || one.name === app)?.name ?? app;
      const domElement = document.createElement('div');
      place.current?.append(domElement);
      const parcel = mountParcel?.(name, { domElement, restaurantId });
      parcel?.mountPromise.catch(reportError);
      return { parcel, domElement };
    });
    return () => {
      for (const { parcel, domElement } of parcels) {
        void parcel?.mountPromise.then(() => parcel.unmount()).catch(() => undefined);
        domElement.remove();
      }
    };
  }, [mountParcel, restaurantId]);
  return <div class="menu-parcels" ref={place} />;
}
