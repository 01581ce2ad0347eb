import { messagesIn, type Translate } from '@portico/sdk/i18n';
import { en } from './messages/en.ts';

/** Says a message in the page's language. */
export type Say = Translate<typeof en>;

/** English is at hand; any other language is a file of its own, loaded where it is wanted. */
export function say(): Promise<Say> {
  return messagesIn<typeof en>({ en, ar: async () => (await import('./messages/ar.ts')).ar });
}
