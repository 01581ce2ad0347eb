import { boot, type MountPointEntry, mountPoint, signInUrl, type User, user } from '@portico/sdk';
import { currentOf } from './current.ts';
import { drawing, html } from './elements.ts';
import { initials } from './initials.ts';

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
export function createBar(): Bar {
  const entries = mountPoint('nav');
  const links = entries.map(entryLink);
  const person = user();
  const signIn = person ? null : html('a', { class: 'nav__sign-in p-button' }, 'Sign in');
  const element = html('div', { class: 'nav' }, brand(boot().heading ?? 'Portico'));
  if (links.length) element.append(navigation(links));
  element.append(
    html('div', { class: 'nav__account' }, ...(person ? account(person) : []), ...(signIn ? [signIn] : [])),
  );

  return {
    element,
    show({ path, app }) {
      currentOf(entries, path, app).forEach((current, index) => {
        if (current) links[index]?.setAttribute('aria-current', current);
        else links[index]?.removeAttribute('aria-current');
      });
      signIn?.setAttribute('href', signInUrl());
    },
  };
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

function navigation(links: readonly HTMLElement[]): HTMLElement {
  const list = html('ul', { class: 'nav__entries', role: 'list' }, ...links.map((link) => html('li', {}, link)));
  return html('nav', { class: 'nav__main', 'aria-label': 'Main' }, list);
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

function account({ name }: User): HTMLElement[] {
  const leave = html('button', { class: 'nav__sign-out', type: 'submit' }, 'Sign out');
  return [
    html(
      'p',
      { class: 'nav__person' },
      html('span', { class: 'nav__avatar', 'aria-hidden': 'true' }, initials(name)),
      html('span', { class: 'p-visually-hidden' }, 'Signed in as '),
      html('span', { class: 'nav__name', dir: 'auto' }, name),
    ),
    html('form', { method: 'post', action: boot().urls.signOut }, leave),
  ];
}
