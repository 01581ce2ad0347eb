/** Places for parcels: what other apps offer to show beside an order. */
import { boot, type MountParcel, mountPoint } from '@portico/sdk';
import { defineComponent, h, type InjectionKey, inject, onBeforeUnmount, onMounted, shallowRef } from 'vue';

export const MOUNT_PARCEL: InjectionKey<MountParcel> = Symbol('tracking mountParcel');

/** Every parcel of the mount point `about-an-order`; one that fails leaves its place empty. */
export const Parcels = defineComponent({
  name: 'OrderParcels',
  props: { orderId: { type: String, required: true } },
  setup({ orderId }) {
    const mountParcel = inject(MOUNT_PARCEL, null);
    const place = shallowRef<HTMLElement>();
    const ends: (() => void)[] = [];
    onMounted(() => {
      for (const { app } of mountParcel ? mountPoint('about-an-order') : []) {
        const name = boot().apps.find((one) => one.app === app || one.name === app)?.name ?? app;
        const domElement = place.value?.appendChild(document.createElement('div'));
        const parcel = domElement && mountParcel?.(name, { domElement, orderId });
        parcel?.mountPromise.catch(reportError);
        ends.push(() => void parcel?.mountPromise.then(() => parcel.unmount()).catch(() => undefined));
      }
    });
    onBeforeUnmount(() => {
      for (const end of ends) end();
    });
    return () => h('div', { ref: place });
  },
});
