/** How many, in every language. Apart, because plurals need code that a visitor who is not signed in does without. */
export const counts = {
  en: {
    found: '{count, plural, one {# restaurant} other {# restaurants}}',
    foundMore: '{count, plural, other {#+ restaurants}}',
  },
  ar: {
    found: '{count, plural, zero {لا مطاعم} one {مطعم واحد} two {مطعمان} few {# مطاعم} many {# مطعمًا} other {# مطعم}}',
    foundMore: '{count, plural, other {أكثر من # من المطاعم}}',
  },
} as const;
