/** The developer's own versions, at `/deploy/overrides`. */

/** One app's own version; see docs/reference/overrides.md. */
export interface Override {
  readonly release?: string;
  readonly url?: string;
  readonly bff?: string;
  readonly ownStyles?: boolean;
}

export type Overrides = Readonly<Record<string, Override>>;

const ADDRESS = '/deploy/overrides';

/** What applies to this session. */
export async function readOverrides(): Promise<Overrides> {
  return ((await call('GET')) as { overrides: Overrides }).overrides;
}

/** Has an app come from elsewhere, beside the other overrides; `null` ends its own. */
export async function setOverride(app: string, own: Override | null): Promise<void> {
  const { [app]: _, ...others } = await readOverrides();
  await call('PUT', { overrides: own ? { ...others, [app]: own } : others });
}

/** What a developer typed: a release by its whole digest, or the URL of an entry module. */
export function overrideOf(text: string): Override {
  const typed = text.trim();
  return /^[0-9a-f]{64}$/.test(typed) ? { release: typed } : { url: typed };
}

/** An override in a few words. */
export function described({ release, url, bff }: Override): string {
  const own = url ?? (release ? `release ${release.slice(0, 8)}` : undefined);
  return [own, bff && `BFF at ${bff}`].filter(Boolean).join(', ');
}

async function call(method: string, body?: unknown): Promise<unknown> {
  const headers = { 'X-Portico': '1', 'Content-Type': 'application/json' };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await fetch(ADDRESS, init);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(problem(answer) || `${ADDRESS} answered ${response.status}`);
  return answer;
}

function problem(answer: { errors?: { detail?: string }[]; detail?: string; title?: string }): string | undefined {
  const details = answer.errors?.map(({ detail }) => detail).filter(Boolean);
  return details?.length ? details.join('; ') : (answer.detail ?? answer.title);
}
