/** The apps of this page: version, state, timings, and the developer's own version of each. */

import { boot, events, type Registration } from '@portico/sdk';
import { whenIdle } from '../idle.ts';
import { element, milliseconds } from './elements.ts';
import { type Life, livesOf, type Mark } from './lives.ts';
import { overrideForm } from './override-form.ts';
import { type Overrides, readOverrides } from './overrides.ts';

/** One row for each app; what it says follows the app's life, what is typed into it stays. */
export function appsView(signal: AbortSignal): readonly Node[] {
  const list = element('ul', { className: 'rows' });
  const problem = element('p', { role: 'alert', className: 'problem' });
  const rows = boot().apps.map(row);
  const onScreen = livesOf(marks());
  rows.sort((a, b) => Number(isMounted(onScreen.get(b.name))) - Number(isMounted(onScreen.get(a.name))));
  list.append(...rows.map(({ item }) => item));
  const update = (): void => {
    const lives = livesOf(marks());
    for (const one of rows) one.update(lives.get(one.name) ?? []);
  };
  update();
  // The runtime writes its marks when the browser is idle, and before this.
  events.on('state', () => whenIdle(update), { signal });
  readOverrides().then(
    (overrides) => void (signal.aborted || showOverrides(overrides)),
    (error: Error) => problem.append(error.message),
  );
  const showOverrides = (overrides: Overrides): void => {
    for (const one of rows) one.form.replaceChildren(overrideForm(one.name, overrides[one.name]));
  };
  const summary = element(
    'p',
    { className: 'note' },
    `${rows.length} apps that you may open, of revision ${boot().revision}; what is on screen first`,
  );
  return [summary, problem, list];
}

function marks(): readonly Mark[] {
  return performance.getEntriesByType('mark');
}

function isMounted(lives: readonly Life[] = []): boolean {
  return lives.some(({ state }) => state === 'mounted');
}

interface Row {
  readonly name: string;
  readonly item: HTMLElement;
  /** Where the override's form goes. */
  readonly form: HTMLElement;
  update(lives: readonly Life[]): void;
}

function row(app: Registration): Row {
  const lives = element('div');
  const form = element('div');
  const title = element('h3', {}, app.name, ' ', element('span', { className: 'version' }, versionOf(app)));
  const routes = [...new Set(app.routes.map(({ path, slot }) => `${path} in ${slot}`))].join(', ');
  const item = element('li', {}, title, lives, element('p', { className: 'note' }, routes), form);
  const update = (now: readonly Life[]): void => {
    lives.replaceChildren(...(now.length ? now.map(lifeLine) : [badge('registered')]));
  };
  return { name: app.name, item, form, update };
}

/** Where a release says more than its number: two of one version differ in their digest. */
function versionOf({ name }: Registration): string {
  const release = boot().developer?.releases[name];
  return release ? `${release.version} (${release.digest.slice(0, 8)})` : '';
}

function lifeLine({ slot, state, loadMs, mountMs }: Life): HTMLElement {
  const times = [
    slot && `in ${slot}`,
    loadMs !== null && `loaded in ${milliseconds(loadMs)}`,
    mountMs !== null && `mounted in ${milliseconds(mountMs)}`,
  ];
  return element('p', {}, badge(state), ' ', times.filter(Boolean).join(', '));
}

function badge(state: Life['state']): HTMLElement {
  const made = element('span', { className: 'badge' }, state);
  made.dataset.state = state;
  return made;
}
