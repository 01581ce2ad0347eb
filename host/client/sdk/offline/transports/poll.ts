/** Live updates by asking again and again; each question waits at the server until there is something to tell. */

import type { Incoming } from '@portico/local';
import type { End } from '../ladder.ts';
import type { PollAnswer } from '../parse-frame.ts';
import { type Asking, ask, isEnd, liveUrl, type Transport } from './transport.ts';

const WAIT_S = 25;

/** Long polls of `GET /live?wait=`; the first does not wait, so that `hello` comes at once. */
export function longPoll(asking: Asking): Transport {
  return async ({ cursor, hear, signal }) => {
    for (let wait = 0; !signal.aborted; wait = WAIT_S) {
      const answer = await pull(asking, await cursor(), wait, signal);
      if ('kind' in answer) return answer;
      await hear(answer.incoming);
    }
    return { kind: 'stopped' };
  };
}

/** What a question brought. `more`: not everything; ask again after it. */
export interface Pulled {
  readonly incoming: readonly Incoming[];
  readonly more: boolean;
}

/** One question: what came after `cursor`, or how it failed. */
export async function pull(
  asking: Asking,
  cursor: string | null,
  wait: number,
  signal: AbortSignal,
): Promise<Pulled | End> {
  const answer = await ask(asking, liveUrl(cursor, wait), 'application/json', signal);
  if (isEnd(answer)) return answer;
  try {
    const { hello, frames, reset, more = false } = (await answer.json()) as PollAnswer;
    const news: readonly Incoming[] = reset ? [{ type: 'reset', head: hello.head, frames }] : frames;
    return { incoming: [hello, ...news], more };
  } catch {
    return { kind: signal.aborted ? 'stopped' : 'ended' }; // cut in mid-body
  }
}
