import { expect, test } from 'vitest';
import { contents } from '../src/model.ts';

test('a person finds what waits, what came, and how to be told of it, in this order', () => {
  expect(contents(true).sections.map(({ element }) => element)).toEqual([
    'portico-queue',
    'portico-inbox',
    'portico-push',
  ]);
});

test('nobody sees nothing of anybody, and is told why', () => {
  const { sections, lead, signedIn } = contents(false);
  expect(sections).toEqual([]);
  expect(signedIn).toBe(false);
  expect(lead).toMatch(/stays yours/);
});

test('every part has a heading of its own, which names its region', () => {
  const { sections } = contents(true);
  expect(new Set(sections.map(({ id }) => id)).size).toBe(sections.length);
  for (const { heading, text } of sections) expect(heading && text).toBeTruthy();
});
