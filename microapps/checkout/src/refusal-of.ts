/** What a failed call means for the person: the sdk's errors in the screens' terms. */
import {
  GraphQLError,
  type GraphQLErrorDetail,
  NetworkError,
  type ProblemDetail,
  ProblemError,
  SignedOutError,
} from '@portico/sdk';
import { asRefusal, Refusal } from './refusal.ts';

export function refusalOf(error: unknown): Refusal {
  if (error instanceof GraphQLError) return ofGraphQL(error);
  if (error instanceof SignedOutError) {
    return new Refusal('You are signed out. Sign in again to go on.', 'signed-out', 'refused');
  }
  if (error instanceof ProblemError) return ofProblem(error);
  if (error instanceof NetworkError) {
    return new Refusal('No answer from the server. Check your connection and try again.', 'network', 'unknown');
  }
  return asRefusal(error);
}

/** Statuses after which the call may have been carried out, or may be if it is sent again; 0: no server answered. */
const TELLS_NOTHING: ReadonlySet<number> = new Set([0, 408, 409, 425, 429, 500, 502, 503, 504]);

function ofProblem({ message, code, status }: ProblemError): Refusal {
  if (code === 'offline') {
    return new Refusal('There is no connection, and no copy of this on this device.', code, 'unknown');
  }
  return new Refusal(message, code, TELLS_NOTHING.has(status) ? 'unknown' : 'refused');
}

function ofGraphQL({ errors: [first] }: GraphQLError): Refusal {
  const { code, status } = (first?.extensions ?? {}) as { code?: string; status?: number };
  if (!first || code === undefined || (status ?? 0) >= 500) {
    return new Refusal('Something went wrong on our side. Try again.', code ?? 'unexpected', 'unknown');
  }
  if (code === 'conflict')
    return new Refusal('Your basket was changed elsewhere just now. Try again.', code, 'refused');
  return new Refusal(first.message, code, 'refused', fieldsOf(first));
}

function fieldsOf(error: GraphQLErrorDetail): Readonly<Record<string, string>> {
  const { errors = [] } = (error.extensions ?? {}) as { errors?: readonly ProblemDetail[] };
  return Object.fromEntries(
    errors.map(({ pointer = '', detail }) => [pointer.slice(pointer.lastIndexOf('/') + 1), detail] as const),
  );
}
