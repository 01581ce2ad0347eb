/** The service worker of every page: registered and greeted, whatever else the page needs. */

import { PROTOCOL_VERSION, toWorker } from '@portico/local/protocol';
import { boot, user } from '@portico/sdk';

const SCRIPT = '/_portico/worker.js';
const POLICY = 'portico-worker';

interface ScriptPolicy {
  createScriptURL(url: string): string;
}
interface TrustedTypesFactory {
  createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy;
}

/** Registers the worker, and greets each that controls the page. Without one everything but the cache works. */
export async function registerWorker(signal: AbortSignal): Promise<ServiceWorkerRegistration | undefined> {
  const container = navigator.serviceWorker;
  if (!container) return undefined;
  container.addEventListener('controllerchange', () => greet(container.controller), { signal });
  greet(container.controller);
  try {
    return await container.register(scriptUrl(), { scope: '/' });
  } catch (error) {
    console.warn('The service worker is not there; pages are not kept on this device.', error);
    return undefined;
  }
}

function greet(worker: ServiceWorker | null): void {
  const { revision } = boot();
  const sub = user()?.sub ?? null;
  worker?.postMessage(toWorker({ kind: 'hello', revision, sub, version: PROTOCOL_VERSION }));
}

/** The script's address in the form that `require-trusted-types-for 'script'` wants; one fixed address, nothing else. */
function scriptUrl(): string {
  const factory = (window as { trustedTypes?: TrustedTypesFactory }).trustedTypes;
  const rules = { createScriptURL: () => SCRIPT };
  return (factory?.createPolicy(POLICY, rules) ?? rules).createScriptURL(SCRIPT);
}
