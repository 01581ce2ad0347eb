import { NetworkError, ProblemError, SignedOutError, signIn } from '@portico/sdk';
import type { JSX } from 'preact';

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
        {signedOut ? 'Sign in' : 'Try again'}
      </button>
    </div>
  );
}

function reason(error: unknown): string {
  if (error instanceof SignedOutError) return 'You have been signed out.';
  if (error instanceof NetworkError) return 'There is no connection just now.';
  if (error instanceof ProblemError && error.code === 'offline') {
    return 'There is no connection just now, and no copy of it on this device.';
  }
  return 'The mistake is on our side.';
}
