/** What a failed call means for the person: the sdk's errors in the screens' terms. */
import {
  GraphQLError,
  type GraphQLErrorDetail,
  NetworkError,
  type ProblemDetail,
  ProblemError,
  SignedOutError,
} from '@portico/sdk';
import { served } from './messages/refusals.ts';
import { asRefusal, Refusal } from './refusal.ts';
import { t } from './say.ts';

export function refusalOf(error: unknown): Refusal {
  if (error instanceof GraphQLError) return ofGraphQL(error);
  if (error instanceof SignedOutError) {
    return new Refusal(t('signedOut'), 'signed-out', 'refused');
  }
  if (error instanceof ProblemError) return ofProblem(error);
  if (error instanceof NetworkError) {
    return new Refusal(t('noAnswer'), 'network', 'unknown');
  }
  return asRefusal(error);
}

/** What the server refused, in the page's language as far as the code is known; else in the server's own words. */
export function wordsOf(code: string | undefined, words: string): string {
  return code !== undefined && Object.hasOwn(served, code) ? t(code as keyof typeof served, { words }) : words;
}

/** Statuses after which the call may have been carried out, or may be if it is sent again; 0: no server answered. */
const TELLS_NOTHING: ReadonlySet<number> = new Set([0, 408, 409, 425, 429, 500, 502, 503, 504]);

function ofProblem({ message, code, status }: ProblemError): Refusal {
  if (code === 'offline') {
    return new Refusal(t('noCopy'), code, 'unknown');
  }
  return new Refusal(wordsOf(code, message), code, TELLS_NOTHING.has(status) ? 'unknown' : 'refused');
}

function ofGraphQL({ errors: [first] }: GraphQLError): Refusal {
  const { code, status } = (first?.extensions ?? {}) as { code?: string; status?: number };
  if (!first || code === undefined || (status ?? 0) >= 500) {
    return new Refusal(t('ourMistake'), code ?? 'unexpected', 'unknown');
  }
  if (code === 'conflict') return new Refusal(t('changedElsewhere'), code, 'refused');
  return new Refusal(wordsOf(code, first.message), code, 'refused', fieldsOf(first));
}

function fieldsOf(error: GraphQLErrorDetail): Readonly<Record<string, string>> {
  const { errors = [] } = (error.extensions ?? {}) as { errors?: readonly ProblemDetail[] };
  return Object.fromEntries(
    errors.map(
      ({ pointer = '', detail }) =>
        [pointer.slice(pointer.lastIndexOf('/') + 1), t('field', { words: detail })] as const,
    ),
  );
}
