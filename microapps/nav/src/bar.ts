import { boot, type MountPointEntry, mountPoint, signInUrl, type User, user } from '@portico/sdk';
import { type Current, currentOf } from './current.ts';
import { drawing, html } from './elements.ts';
import { initials } from './initials.ts';
import type { Say } from './say.ts';

/** Where the person is. */
export interface Place {
  readonly path: string;
  /** The app that fills the page, as far as it is known yet. */
  readonly app?: string | undefined;
}

/** The bar at the top of every page. */
export interface Bar {
  readonly element: HTMLElement;
  /** Marks the entry of another place, and lets signing in come back to it. */
  show(place: Place): void;
}

/** Builds the bar for the person and the entries that the page was made for. */
export function createBar(say: Say): Bar {
  const entries = mountPoint('nav');
  const links = entries.map(entryLink);
  const person = user();
  const signIn = person ? null : html('a', { class: 'nav__sign-in p-button' }, say('signIn'));
  const [activity, leave] = person ? account(person, say) : [];
  const element = html('div', { class: 'nav' }, brand(boot().heading ?? 'Portico'));
  if (links.length) element.append(navigation(links, say));
  const shown = [activity, leave, signIn].filter((part) => part != null);
  element.append(html('div', { class: 'nav__account' }, ...shown));

  return {
    element,
    show({ path, app }) {
      const current = currentOf(entries, path, app);
      for (const [index, link] of links.entries()) mark(link, current[index] ?? null);
      mark(activity, path === ACTIVITY ? 'page' : null);
      // Once it is in the page: before, nothing has a place.
      requestAnimationFrame(() => reveal(links[current.findIndex(Boolean)]));
      signIn?.setAttribute('href', signInUrl());
    },
  };
}

function mark(link: HTMLElement | undefined, current: Current): void {
  if (current) link?.setAttribute('aria-current', current);
  else link?.removeAttribute('aria-current');
}

function brand(name: string): HTMLElement {
  const mark = drawing(
    '0 0 32 32',
    'nav__mark',
    { class: 'nav__mark-arch', d: 'M4 30V14a12 12 0 0 1 24 0v16h-6V14a6 6 0 0 0-12 0v16Z' },
    { class: 'nav__mark-sun', d: 'M16 12a4.5 4.5 0 0 1 4.5 4.5V30h-9V16.5A4.5 4.5 0 0 1 16 12Z' },
  );
  return html('a', { class: 'nav__brand', href: '/' }, mark, html('span', {}, name));
}

function navigation(links: readonly HTMLElement[], say: Say): HTMLElement {
  const list = html('ul', { class: 'nav__entries', role: 'list' }, ...links.map((link) => html('li', {}, link)));
  return html('nav', { class: 'nav__main', 'aria-label': say('main') }, list);
}

/** Brings an entry into view in a row that scrolls sideways. The page itself stays where it is. */
function reveal(link: HTMLElement | undefined): void {
  const list = link?.closest('ul');
  if (!link || !list) return;
  const [own, room] = [link.getBoundingClientRect(), list.getBoundingClientRect()];
  if (own.right > room.right) list.scrollBy({ left: own.right - room.right });
  else if (own.left < room.left) list.scrollBy({ left: own.left - room.left });
}

function entryLink({ href, label, icon }: MountPointEntry): HTMLElement {
  const link = html('a', { class: 'nav__entry', href });
  if (icon) {
    const picture = html('span', { class: 'nav__icon', 'aria-hidden': 'true' });
    // A mask, so that the icon takes the colour of its label in light and dark.
    picture.style.setProperty('--nav-icon', `url(${JSON.stringify(new URL(icon, location.href).href)})`);
    link.append(picture);
  }
  link.append(html('span', {}, label));
  return link;
}

/** Where what waits and what came is shown; the place that the platform's status line leads to, too. */
const ACTIVITY = '/activity';

/** Who is signed in, which leads to what is theirs, and the way out. */
function account({ name }: User, say: Say): [activity: HTMLElement, leave: HTMLElement] {
  const leave = html('button', { class: 'nav__sign-out', type: 'submit' }, say('signOut'));
  return [
    html(
      'a',
      { class: 'nav__person', href: ACTIVITY },
      html('span', { class: 'nav__avatar', 'aria-hidden': 'true' }, initials(name)),
      html('span', { class: 'p-visually-hidden' }, `${say('signedInAs')} `),
      html('span', { class: 'nav__name', dir: 'auto' }, name),
      html('span', { class: 'p-visually-hidden' }, `: ${say('waiting')}. `),
      // The platform's element: how many messages are unread.
      document.createElement('portico-unread'),
    ),
    html('form', { method: 'post', action: boot().urls.signOut }, leave),
  ];
}
