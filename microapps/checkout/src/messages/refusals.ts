/**
 * What the server refuses, by its code. Its words are English, so in English they are said as they came; other languages have
 * words of their own.
 */
export const served = {
  'unknown-dish': '{words}',
  'not-in-basket': '{words}',
  'other-restaurant': '{words}',
  'quantity-out-of-range': '{words}',
  'basket-full': '{words}',
  'basket-empty': '{words}',
  'total-changed': '{words}',
  'invalid-order': '{words}',
  field: '{words}',
} as const;
