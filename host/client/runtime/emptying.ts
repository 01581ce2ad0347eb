/** Clearing up by `innerHTML = ''`, as some frameworks' adapters do. */

interface TrustedTypesFactory {
  createPolicy(name: 'default', rules: { createHTML(text: string): '' | null }): unknown;
}

/** Lets no text at all become HTML where Trusted Types are required; any other string is refused as without this. */
export function allowEmptying(): void {
  const factory = (window as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  factory?.createPolicy('default', { createHTML: (text) => text && null });
}
