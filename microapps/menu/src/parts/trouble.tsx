import { NetworkError, ProblemError, SignedOutError, signIn } from '@portico/sdk';
import type { JSX } from 'preact';
import { t } from '../say.ts';

interface Props {
  /** What could not be done, as a sentence without its full stop. */
  readonly what: string;
  readonly error: unknown;
  readonly retry: () => void;
}

/** Says what went wrong in words for people, and offers what helps. */
export function Trouble({ what, error, retry }: Props): JSX.Element {
  const signedOut = error instanceof SignedOutError;
  return (
    <div class="menu-trouble p-notice" data-kind="danger" role="alert">
      <p>
        <strong>{what}.</strong> {reason(error)}
      </p>
      <button type="button" class="p-button p-button--quiet" onClick={signedOut ? () => signIn() : retry}>
        {t(signedOut ? 'signIn' : 'tryAgain')}
      </button>
    </div>
  );
}

function reason(error: unknown): string {
  if (error instanceof SignedOutError) return t('signedOut');
  if (error instanceof NetworkError) return t('noConnection');
  if (error instanceof ProblemError && error.code === 'offline') {
    return t('noCopy');
  }
  return t('ourMistake');
}
