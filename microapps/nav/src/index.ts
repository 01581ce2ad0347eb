/**
 * `@platform/nav`: the bar at the top of every page.
 *
 * It shows the brand, what other apps put into the mount point `nav`, and who is signed in. It knows none of those apps.
 */
import { boot, defineApp, onNavigate } from '@portico/sdk';
import { createBar } from './bar.ts';
import { appAt } from './current.ts';
import { type Say, say } from './say.ts';
import './nav.css';

let said: Say;

export const { bootstrap, mount, unmount } = defineApp({
  async bootstrap() {
    said = await say();
  },
  mount({ domElement, portico }) {
    const bar = createBar(said);
    const { apps, page } = boot();
    bar.show({ path: portico.path, app: page.status === 200 ? appAt(portico.path, page.slot, apps) : undefined });
    onNavigate((place) => bar.show(place), { signal: portico.signal });
    domElement.append(bar.element);
  },
});
