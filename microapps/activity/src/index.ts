/**
 * `@platform/activity`: what waits to be sent, what came for the person, and whether they are told of it.
 *
 * The work is done by elements of `@portico/sdk/offline`, which any micro-app can place; this page gives them room.
 */
import { defineApp, user } from '@portico/sdk';
import './activity.css';
import { contents } from './model.ts';
import { page } from './page.ts';
import { type Say, say } from './say.ts';

let said: Say;

export const { bootstrap, mount, unmount } = defineApp({
  async bootstrap() {
    said = await say();
  },
  mount: ({ domElement }) => domElement.append(page(contents(user() !== null, said))),
});
