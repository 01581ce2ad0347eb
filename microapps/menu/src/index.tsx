/**
 * `@discovery/menu`: what there is to eat. A landing page for visitors; search, restaurants and their dishes for people
 * who are signed in. It knows its own BFF and nothing of other apps; a dish goes to the basket as a message.
 */
import { type AppProps, defineApp, user } from '@portico/sdk';
import { render } from 'preact';
import { MenuApi } from './menu-api.ts';
import './menu.css';
import { Root } from './root.tsx';
import { load, loadCounts } from './say.ts';
import { createSession, type Session } from './session.ts';

let session: Session | undefined;

function show({ domElement, portico, mountParcel }: AppProps): void {
  session ??= createSession(new MenuApi(portico.api));
  render(<Root session={session} portico={portico} mountParcel={mountParcel} />, domElement);
}

export const { bootstrap, mount, update, unmount } = defineApp({
  bootstrap: async () => void (await Promise.all([load(), user() && loadCounts()])),
  mount: show,
  update: show,
  unmount: ({ domElement }) => render(null, domElement),
});
