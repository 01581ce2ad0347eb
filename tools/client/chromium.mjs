import { execFileSync } from 'node:child_process';
import { fromRoot } from './paths.mjs';

/** The Chromium that the tests drive, found as `tools/browser.py` finds it; `undefined` where there is none. */
export function chromium() {
  if (process.env.PORTICO_CHROMIUM) return process.env.PORTICO_CHROMIUM;
  const ask = 'from tools.browser import installed; print(installed() or "")';
  return (
    execFileSync(fromRoot('.venv/bin/python'), ['-c', ask], { cwd: fromRoot(''), encoding: 'utf8' }).trim() || undefined
  );
}

/** How it is started: as root it has no sandbox of its own. */
export function launchOptions() {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
  const executablePath = chromium();
  return {
    ...(executablePath && { executablePath }),
    args: process.getuid?.() === 0 ? [...quiet, '--no-sandbox'] : quiet,
  };
}
