/**
 * `@platform/nav`: the bar at the top of every page.
 *
 * It shows the brand, what other apps put into the mount point `nav`, and who is signed in. It knows none of those apps.
 */
import { defineApp, onNavigate } from '@portico/sdk';
import { createBar } from './bar.ts';
import './nav.css';

export const { bootstrap, mount, unmount } = defineApp({
  mount({ domElement, portico }) {
    const bar = createBar();
    bar.show({ path: portico.path });
    onNavigate((place) => bar.show(place), { signal: portico.signal });
    domElement.append(bar.element);
  },
});
