/** Errors of API calls, typed: RFC 9457 problem documents, GraphQL errors, and no answer at all. */

/** One thing wrong with what was sent: where (JSON Pointer, RFC 6901) and what. */
export interface ProblemDetail {
  readonly pointer?: string;
  readonly detail: string;
}

/** The members of a problem document (RFC 9457, section 3), with the extensions it came with. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly errors?: readonly ProblemDetail[];
  readonly [extension: string]: unknown;
}

/** A server answered with an error status. `message` can be shown to a person. */
export class ProblemError extends Error {
  override readonly name: string = 'ProblemError';
  /** The problem's type, a URI; `about:blank` when the server gave none. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Each thing that was wrong with what was sent; empty when the server named none. */
  readonly errors: readonly ProblemDetail[];
  /** Seconds that the server asked to wait before trying again (`Retry-After`), where it gave a number. */
  readonly retryAfter: number | undefined;

  constructor(
    readonly problem: ProblemDocument,
    retryAfter?: number,
  ) {
    super(problem.detail ?? problem.title);
    this.type = problem.type;
    this.title = problem.title;
    this.status = problem.status;
    this.errors = problem.errors ?? [];
    this.retryAfter = retryAfter;
  }

  /** The last part of the type: `idempotency-key-reused` of `https://portico.dev/problems/idempotency-key-reused`. */
  get code(): string {
    return this.type.slice(this.type.lastIndexOf('/') + 1);
  }
}

/** 401: the person is not, or no longer, signed in. The page shows a way to sign in; the app need not. */
export class SignedOutError extends ProblemError {
  override readonly name = 'SignedOutError';
}

/** The server gave no answer: no network, a cut connection, a refused one. What was sent may or may not have arrived. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

/** One error of a GraphQL response (GraphQL specification, section 7.1.2). */
export interface GraphQLErrorDetail {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>> & { readonly code?: string };
}

/** A GraphQL response carried errors. `data` holds what was answered all the same, where there is any. */
export class GraphQLError extends Error {
  override readonly name = 'GraphQLError';

  constructor(
    readonly errors: readonly GraphQLErrorDetail[],
    readonly data?: unknown,
  ) {
    super(errors.map((error) => error.message).join('\n'));
  }

  /** The stable code of the first error (`extensions.code`), where the server gave one. */
  get code(): string | undefined {
    return this.errors[0]?.extensions?.code;
  }
}

/** Makes the error for a response that is not `ok`, from its problem document or, without one, from its status. */
export async function problemFrom(response: Response): Promise<ProblemError> {
  const problem = { ...blank(response), ...(await problemBody(response)), status: response.status };
  const wait = response.headers.get('Retry-After');
  const retryAfter = wait && /^\d+$/.test(wait) ? Number(wait) : undefined;
  return response.status === 401 ? new SignedOutError(problem) : new ProblemError(problem, retryAfter);
}

function blank(response: Response): ProblemDocument {
  return {
    type: 'about:blank',
    title: response.statusText || `The server answered ${response.status}`,
    status: response.status,
  };
}

async function problemBody(response: Response): Promise<Partial<ProblemDocument>> {
  if (!isJson(response, 'problem+json')) return {};
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {}; // cut in mid-body: the status still tells
  }
}

/** Whether a response says that it holds JSON of the given subtype (`json`, `problem+json`, ...). */
export function isJson(response: Response, subtype = 'json'): boolean {
  return (response.headers.get('Content-Type') ?? '').startsWith(`application/${subtype}`);
}
