/** The page's elements, without `innerHTML`, which the content security policy forbids. */
import { signInUrl } from '@portico/sdk';
import type { Contents, Section } from './model.ts';

/** A page of the platform's own, outside the shell. */
const SESSIONS = '/auth/sessions';

export function page({ title, lead, signIn, sessions, sections, signedIn }: Contents): HTMLElement {
  const heading = element('h1', { tabindex: '-1' }, title);
  if (!signedIn) {
    const link = element('a', { class: 'p-button', href: signInUrl('/activity') }, signIn);
    return element('section', { class: 'p-page' }, heading, element('p', {}, lead), link);
  }
  const where = element('a', { href: SESSIONS }, sessions);
  return element('div', { class: 'activity' }, heading, ...sections.map(part), element('p', {}, where));
}

function part({ id, heading, text, element: tag }: Section): HTMLElement {
  return element(
    'section',
    { class: 'activity__part', 'aria-labelledby': `activity-${id}` },
    element('h2', { id: `activity-${id}` }, heading),
    element('p', { class: 'activity__text' }, text),
    element(tag, {}),
  );
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
