/** Whether an answer is the host's own, and whether it says something about what was asked. */

/** Why the network gave no answer that counts. `network`: none came from the host. `error`: it could not do its work. */
export type Failure = 'network' | 'timeout' | 'error';

const RECEIPT = 'Portico-Receipt';
/** Statuses below 500 that say nothing about what was asked: too slow, too early, too often. */
const NOT_NOW = new Set([408, 425, 429]);

/** What is wrong with an answer; null when it is a true one, whatever its status. */
export function failureOf(response: Response): Failure | null {
  return isTheHosts(response) ? failureIn(response.status) : 'network';
}

/** What a status that the host gave says of its ability to answer. */
export function failureIn(status: number): Failure | null {
  return status >= 500 || NOT_NOW.has(status) ? 'error' : null;
}

/**
 * Whether the host itself made this answer to a request that carries no key. A captive portal's page, a redirect to one and
 * anything of another origin are no answers.
 */
export function isTheHosts(response: Response): boolean {
  return response.type !== 'opaque' && !response.redirected && response.headers.get(RECEIPT) === '1';
}

/** Whether the body is JSON, by its media type. */
export function isJson(response: Response): boolean {
  const [type = ''] = (response.headers.get('Content-Type') ?? '').split(';', 1);
  return /^application\/([\w.-]+\+)?json$/i.test(type.trim());
}

/**
 * The status that a GraphQL answer's first error stands for, as the platform's BFFs say it (`extensions.status`): 500 for an
 * error in a field that does not say, 400 for others; null without errors.
 */
export function statusOfErrors(body: unknown): number | null {
  const { errors } = (body ?? {}) as { errors?: readonly { path?: unknown; extensions?: { status?: unknown } }[] };
  const [first] = Array.isArray(errors) ? errors : [];
  if (!first) return null;
  const status = first.extensions?.status;
  return typeof status === 'number' ? status : first.path ? 500 : 400;
}
