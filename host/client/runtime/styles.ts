/**
 * Style sheets of an app: checked against their digests, and held to the app's own root.
 *
 * They are fetched and adopted, not linked: only so can they stand in `@layer apps` (every rule of an app goes before the
 * shell's) and in a `@scope` that begins at the app's root and ends at the root of another app inside it (CSS Cascading and
 * Inheritance Level 6, 2.5). They stay adopted when the app leaves: where the root of this
 * very release is not, they match nothing.
 */

import type { Registration, Style } from '@portico/sdk';

/**
 * Loads an app's style sheets.
 *
 * @param again whether an attempt has failed before: then the server is asked, and no cache
 * @throws Error when one did not load, or has other bytes than it should
 */
export function loadSheets(app: Registration, again: boolean): Promise<CSSStyleSheet[]> {
  return Promise.all(app.styles.map((style) => loadSheet(style, app, again)));
}

async function loadSheet({ href, integrity }: Style, app: Registration, again: boolean): Promise<CSSStyleSheet> {
  try {
    const response = await fetch(href, { integrity, cache: again ? 'reload' : 'default' });
    if (!response.ok) throw response.status;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(confined(await response.text(), href, app));
    onlyFirst(sheet);
    onlyFirst(sheet.cssRules[0] as CSSGroupingRule);
    return sheet;
  } catch (cause) {
    throw new Error(`${href} did not load, or is not what it should be`, { cause });
  }
}

/**
 * The text with its relative addresses made absolute (an adopted sheet has the page's base), the root for which it says
 * `:root`, and whatever confines it around it.
 */
export function confined(text: string, href: string, { entry, isolation }: Registration): string {
  const folder = href.slice(0, href.lastIndexOf('/') + 1);
  const addressed = text.replace(/\burl\(\s*(["']?)(?!["']|[a-z][\w+.-]*:|\/|#|%23)/gi, `url($1${folder}`);
  const root = isolation === 'none' ? ':root' : isolation ? ':host' : ':scope';
  // A browser without `@scope` (Firefox before 146) would drop all that is in one.
  const scoped = !isolation && 'CSSScopeRule' in globalThis;
  const around = scoped ? `@scope([data-entry="${entry}"]) to (:scope [data-app])` : '@media all';
  return `@layer apps{${around}{${addressed.replace(/:root\b/g, root)}}}`;
}

/** Drops what came after the first rule: a brace too many must not let the rest out. */
function onlyFirst(group: CSSStyleSheet | CSSGroupingRule): void {
  while (group.cssRules.length > 1) group.deleteRule(1);
}
