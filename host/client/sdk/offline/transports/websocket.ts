/** Live updates over a WebSocket, for networks that hold streams back and let WebSockets through. */

import type { End } from '../ladder.ts';
import { parseFrame } from '../parse-frame.ts';
import { liveUrl, type Transport } from './transport.ts';

/** Makes a WebSocket. */
export type Dial = (url: string) => WebSocket;

const POLICY_VIOLATION = 1008;
const SIGNED_OUT = 4401;

/** A WebSocket at `/live`. A handshake that was refused shows no status: it counts as a connection that said nothing. */
export function webSocket(dial: Dial, sub: string): Transport {
  return async ({ cursor, hear, signal }) => {
    const address = new URL(liveUrl(await cursor()), location.href);
    address.searchParams.set('person', sub); // a WebSocket has no headers to say it in
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = dial(address.href);
    return new Promise<End>((resolve, reject) => {
      let opened = false;
      let heard = Promise.resolve();
      const close = (): void => socket.close();
      signal.addEventListener('abort', close, { once: true });
      socket.onopen = () => {
        opened = true;
        if (signal.aborted) close();
      };
      socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        const incoming = typeof data === 'string' ? parseFrame(data) : null;
        if (!incoming) return;
        heard = heard.then(() => hear([incoming]));
        heard.catch((error: unknown) => {
          close();
          reject(error);
        });
      };
      socket.onclose = ({ code }) => {
        signal.removeEventListener('abort', close);
        heard.then(() => resolve(endOf(code, opened, signal.aborted)), reject);
      };
    });
  };
}

function endOf(code: number, opened: boolean, aborted: boolean): End {
  if (aborted) return { kind: 'stopped' };
  if (code === SIGNED_OUT || code === POLICY_VIOLATION) return { kind: 'refused', status: 401, retryMs: null };
  return opened ? { kind: 'ended' } : { kind: 'silent' };
}
