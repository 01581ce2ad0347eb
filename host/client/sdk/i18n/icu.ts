/** ICU messages: plurals, selections, numbers and dates, formatted by the language's own rules (Intl). */

import { IntlMessageFormat } from 'intl-messageformat';
import type { Format, Values } from './messages.ts';

/**
 * A message, ready to be filled.
 *
 * @throws SyntaxError when it is not an ICU message; says where
 */
export function formatOf(text: string, language: string): Format {
  const message = new IntlMessageFormat(text, language, undefined, { ignoreTag: true });
  return { format: (values?: Values) => String(message.format(values as Record<string, string | number>)) };
}
