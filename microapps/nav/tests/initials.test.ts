import { expect, it } from 'vitest';
import { initials } from '../src/initials.ts';

it.each([
  ['Ana María Ruiz', 'AR'],
  ['  kim ', 'K'],
  ['花見', '花'],
  ['𝒜da 𝓛ovelace', '𝒜𝓛'],
  ['', ''],
])('takes whole characters of %j', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
