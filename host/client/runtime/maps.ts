/** The page's import map, and what is added to it. */

export interface ImportMap {
  readonly imports?: Readonly<Record<string, string>>;
  readonly scopes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly integrity?: Readonly<Record<string, string>>;
}

interface TrustedTypesFactory {
  createPolicy(name: string, rules: { createScript(text: string): string }): { createScript(text: string): unknown };
}

/** Turns text into an import map's. JSON is all that passes, so nothing that runs can be made with it. */
let policy: { createScript(text: string): unknown } | undefined;
let known: ImportMap | undefined;

/** Everything that the page's import maps say by now. */
export function pageMap(): ImportMap {
  known ??= JSON.parse(pageScript()?.textContent || '{}') as ImportMap;
  return known;
}

/** The nonce of the page's scripts. */
export function nonce(): string {
  return pageScript()?.nonce ?? '';
}

/** Adds a map; what the page has resolved before stays as it is (HTML Standard, "merge existing and new import maps"). */
export function addMap(map: ImportMap): void {
  const factory = (window as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  policy ??= factory?.createPolicy('portico', { createScript: (text) => JSON.stringify(JSON.parse(text)) });
  const script = document.createElement('script');
  const text = JSON.stringify(map);
  script.type = 'importmap';
  script.nonce = nonce();
  script.textContent = (policy ? policy.createScript(text) : text) as string;
  const { imports, scopes, integrity } = pageMap();
  known = {
    imports: { ...map.imports, ...imports },
    scopes: { ...map.scopes, ...scopes },
    integrity: { ...map.integrity, ...integrity },
  };
  document.head.append(script);
  script.remove(); // it has been read; the page's own map stays the only one in the document
}

function pageScript(): HTMLScriptElement | null {
  return document.querySelector<HTMLScriptElement>('script[type=importmap]');
}
