/** What went wrong on the page. */

import { element } from './elements.ts';
import { lineItem } from './log-view.ts';
import type { Line, Recorder } from './recorder.ts';

/** Failures of apps and errors of anybody, newest first. */
export function errorsView(recorder: Recorder, signal: AbortSignal): readonly Node[] {
  const list = element('ol', { className: 'lines', tabIndex: 0, ariaLabel: 'Errors, newest first' });
  const add = (line: Line): void => {
    if (line.kind === 'failure' || line.kind === 'error') list.prepend(lineItem(line));
  };
  recorder.lines.forEach(add);
  recorder.subscribe(add, signal);
  const empty = 'No error since the overlay was opened. What failed before stands under Apps as “failed”.';
  return [list, element('p', { className: 'note empty' }, empty)];
}
