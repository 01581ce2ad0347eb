#!/usr/bin/env node
/**
 * Lighthouse's scores of pages, as a phone and as a desktop computer would load them.
 *
 *     node tools/lighthouse.mjs <folder that lighthouse is installed in> <url> [<url> ...]
 *
 * Prints one line of JSON per page and device: `{url, device, scores, failed}`; scores are 0 to 100, `failed` are the audits
 * that took points away, with what they say. The browser is CHROME_PATH.
 */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];
const LIMIT_MS = 45_000;

const [folder, ...urls] = process.argv.slice(2);
const installed = (path) => import(pathToFileURL(resolve(folder, 'node_modules', path)).href);
const { default: lighthouse, desktopConfig } = await installed('lighthouse/core/index.js');
const { launch } = await installed('chrome-launcher/dist/index.js');

const chromeFlags = ['--headless=new', '--disable-component-update', '--disable-background-networking'];
if (process.getuid?.() === 0) chromeFlags.push('--no-sandbox');
const chrome = await launch({ chromeFlags, chromePath: process.env.CHROME_PATH });
try {
  for (const url of urls) {
    for (const [device, config] of Object.entries({ phone: undefined, desktop: desktopConfig })) {
      console.log(JSON.stringify({ url, device, ...(await scored(url, config)) }));
    }
  }
} finally {
  chrome.kill();
}

async function scored(url, config) {
  const flags = { port: chrome.port, onlyCategories: CATEGORIES, maxWaitForLoad: LIMIT_MS, logLevel: 'error' };
  const { lhr } = await lighthouse(url, flags, config);
  if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
  const scores = Object.fromEntries(Object.entries(lhr.categories).map(([name, { score }]) => [name, score * 100]));
  return {
    scores,
    failed: Object.values(lhr.categories).flatMap(({ auditRefs }) => auditRefs.flatMap(lost(lhr.audits))),
  };
}

/** What an audit that takes points away says. */
function lost(audits) {
  return ({ id, weight }) => {
    const { score, title, displayValue, details } = audits[id];
    if (!weight || score === null || score >= 0.9) return [];
    const items = details?.items?.slice(0, 3).map((item) => item.node?.snippet ?? item.description ?? item.url);
    return [{ id, score, title, displayValue, items }];
  };
}
