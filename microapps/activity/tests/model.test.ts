import { expect, test } from 'vitest';
import { ar } from '../src/messages/ar.ts';
import { en } from '../src/messages/en.ts';
import { contents } from '../src/model.ts';
import type { Say } from '../src/say.ts';

const say: Say = (key) => en[key];

test('a person finds what waits, what came, and how to be told of it, in this order', () => {
  expect(contents(true, say).sections.map(({ element }) => element)).toEqual([
    'portico-queue',
    'portico-inbox',
    'portico-push',
  ]);
});

test('nobody sees nothing of anybody, and is told why', () => {
  const { sections, lead, signedIn } = contents(false, say);
  expect(sections).toEqual([]);
  expect(signedIn).toBe(false);
  expect(lead).toMatch(/stays yours/);
});

test('every part has a heading of its own, which names its region', () => {
  const { sections } = contents(true, say);
  expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
  for (const { heading, text } of sections) expect(heading && text).toBeTruthy();
});

test('all of it can be said in Arabic', () => {
  expect(Object.keys(ar)).toEqual(Object.keys(en));
  const page = contents(true, (key) => ar[key]);
  expect(
    page.sections.every(({ heading, text }) => /[\u0600-\u06ff]/.test(heading) && /[\u0600-\u06ff]/.test(text)),
  ).toBe(true);
});
