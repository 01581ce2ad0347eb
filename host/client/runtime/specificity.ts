/**
 * How specific a URLPattern pathname is; the same rule as the host's (`portico.manifest.routing`, which states it), held
 * together by `manifest/schema/routing-vectors.json`.
 */

// What parts of a pattern other than literal text become: characters that are percent-encoded in literal text.
const PARAMETER = '<';
const OPTIONAL = '"'; // anything optional or repeated

/**
 * A text for a normalised pathname pattern (`URLPattern#pathname`); the greater text is the more specific pattern. Its
 * characters are the ranks of the segments from the left, what the pattern ends with, and how much of it is literal.
 */
export function specificityOf(pattern: string): string {
  const groups = pattern
    .replace(/\\./gs, '-')
    .replace(/:[A-Za-z_][A-Za-z0-9_]*/g, PARAMETER)
    .replace(/([<*])[?+*]/g, OPTIONAL);
  const literals = groups.replace(/}[?+*]|[{}*<"]/g, '').length;
  const ranks = groups
    .replace(/{([^}]*)}([?+*]?)/g, (_, inside: string, modifier: string) =>
      modifier ? inside.replace(/[^/]/g, OPTIONAL).replace(/\//g, `/${OPTIONAL}`) : inside,
    )
    .slice(1)
    .split('/')
    .map(rankOf);
  return [...ranks, ranks.at(-1) === 1 ? 0 : 6].join('') + String.fromCharCode(literals);
}

/** As `specificityOf`, for a pattern of literal segments alone. */
export function literalSpecificity(pattern: string): string {
  return `${'5'.repeat(pattern.split('/').length - 1)}6${String.fromCharCode(pattern.length)}`;
}

/** The rank of one segment: wildcard, optional, parameter, mixed, literal. */
function rankOf(segment: string): number {
  if (segment.includes(OPTIONAL)) return 2;
  if (!/[<*]/.test(segment)) return 5;
  if (/^\*+$/.test(segment)) return 1;
  return segment === PARAMETER ? 3 : 4;
}
