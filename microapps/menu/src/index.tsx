/**
 * `@discovery/menu`: what there is to eat. A landing page for visitors; search, restaurants and their dishes for people
 * who are signed in. It knows its own BFF and nothing of other apps; a dish goes to the basket as a message.
 */
import { type AppProps, defineApp } from '@portico/sdk';
import { render } from 'preact';
import { MenuApi } from './menu-api.ts';
import './menu.css';
import { Root } from './root.tsx';
import { createSession, type Session } from './session.ts';

let session: Session | undefined;

function show({ domElement, portico }: AppProps): void {
  session ??= createSession(new MenuApi(portico.api));
  render(<Root session={session} portico={portico} />, domElement);
}

export const { bootstrap, mount, update, unmount } = defineApp({
  mount: show,
  update: show,
  unmount: ({ domElement }) => render(null, domElement),
});
