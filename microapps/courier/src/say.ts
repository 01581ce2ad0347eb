import { translations } from '@portico/sdk/i18n';
import { en } from './messages/en.ts';

/** English is at hand; any other language is a file of its own, loaded where it is wanted. */
export const { load, t } = translations<typeof en>({
  en,
  ar: async () => (await import('./messages/ar.ts')).ar,
});
