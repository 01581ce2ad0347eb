/** Live updates as server-sent events, read with `fetch`: an `EventSource` would hide status and headers. */

import type { Incoming } from '@portico/local';
import { createParser } from 'eventsource-parser';
import { parseFrame } from '../parse-frame.ts';
import { type Asking, ask, isEnd, liveUrl, type Transport } from './transport.ts';

/** A stream from `GET /live`. */
export function serverSentEvents(asking: Asking): Transport {
  return async ({ cursor, hear, signal }) => {
    const answer = await ask(asking, liveUrl(await cursor()), 'text/event-stream', signal);
    if (isEnd(answer)) return answer;
    let batch: Incoming[] = [];
    const parser = createParser({
      onEvent: ({ data }) => {
        const incoming = parseFrame(data);
        if (incoming) batch.push(incoming);
      },
    });
    for await (const text of texts(answer, signal)) {
      parser.feed(text);
      const heard = batch;
      batch = [];
      if (heard.length) await hear(heard);
    }
    return signal.aborted ? { kind: 'stopped' } : { kind: 'ended' };
  };
}

/** The body's text as it comes, until it ends or is cut. */
async function* texts({ body }: Response, signal: AbortSignal): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done) return;
      if (value) yield value;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}
