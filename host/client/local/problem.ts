/** What a server said was wrong, in a form that can be stored and shown. */

/** A problem document (RFC 9457) or the first error of a GraphQL answer, reduced to one shape. */
export interface Problem {
  /** The last part of the problem's type, or the GraphQL error's `code`: `conflict`, `lane-gap`, `network`, ... */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  /** The HTTP status that it stands for; 0 where no server answered. */
  readonly status: number;
  readonly errors?: readonly { readonly pointer?: string; readonly detail: string }[];
  /** The entity as the server has it, with a 412 `conflict`. */
  readonly current?: { readonly version: number; readonly entity?: unknown };
  /** The sequence number that the server waits for, with `lane-gap` and `lane-seq-used`. */
  readonly expected?: number;
  /** How the replaced or discarded command had ended, with `command-applied`. */
  readonly outcome?: unknown;
}

/** Nobody answered. */
export const NO_ANSWER: Problem = {
  code: 'network',
  title: 'No connection',
  detail: 'The server did not answer.',
  status: 0,
};

/** Something answered that is not the server: a sign-in page of a network, a proxy. */
export const NO_RECEIPT: Problem = {
  code: 'no-receipt',
  title: 'No connection',
  detail: 'Something between this device and the server answered in its place.',
  status: 0,
};

/** The problem in a refused answer's JSON: a problem document, the first error of a GraphQL answer, or its status alone. */
export function problemOf(status: number, body: unknown): Problem {
  const given = asObject(body);
  const first = Array.isArray(given.errors) ? asObject(given.errors[0]) : {};
  if (typeof first.message === 'string') {
    const extensions = asObject(first.extensions);
    return problem(status, extensions, text(extensions.code), first.message, undefined);
  }
  return problem(status, given, slug(given.type), text(given.title), text(given.detail));
}

/**
 * What a GraphQL answer's first error stands for, where its server does not say so itself (`Portico-Status`): an answer with
 * errors is never taken for a command that was done. Null without errors.
 */
export function statusInside(body: unknown): number | null {
  const { errors } = asObject(body);
  if (!Array.isArray(errors) || errors.length === 0) return null;
  const { extensions, path } = asObject(errors[0]);
  const { status } = asObject(extensions);
  if (typeof status === 'number' && status >= 400 && status <= 599) return status;
  return path === undefined ? 400 : 500; // before any field was run, or nobody knows
}

function problem(
  status: number,
  members: Record<string, unknown>,
  code: string | undefined,
  title: string | undefined,
  detail: string | undefined,
): Problem {
  const { errors, current, expected, outcome } = members;
  return {
    code: code ?? `status-${status}`,
    title: title ?? `The server answered ${status}`,
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(Array.isArray(errors) ? { errors } : {}),
    ...(typeof asObject(current).version === 'number' ? { current: current as NonNullable<Problem['current']> } : {}),
    ...(typeof expected === 'number' ? { expected } : {}),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

function slug(type: unknown): string | undefined {
  return text(type)?.split('/').at(-1);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
