/** Message catalogues: one per language, of which a page loads one. */

import { locale } from './locale.ts';

/** Messages by key. A message is text, or an ICU message: `{count, plural, one {# thing} other {# things}}`. */
export type Catalogue = Readonly<Record<string, string>>;

/** What a message's places are filled with. */
export type Values = Readonly<Record<string, string | number | boolean | Date | null | undefined>>;

type Load<Messages> = () => Promise<Messages | { readonly default: Messages }>;

/** By language: the catalogue itself, or what loads it. The first is used for languages that are not there. */
export type Catalogues<Messages extends Catalogue> = Readonly<
  Record<string, Messages | Load<Record<keyof Messages, string>>>
>;

/** The message of this key, in the page's language. */
export type Translate<Messages extends Catalogue> = (key: keyof Messages & string, values?: Values) => string;

/** What `icu.ts` does; it is loaded for a catalogue with more than `{name}`s to fill. */
export interface Format {
  format(values?: Values): string;
}

/** What only ICU can fill; `{name}` alone needs no more than the text that stands there. */
const PLACES = /[{}'<#]/;
const NAMES = /\{(\w+)\}/g;

/**
 * Loads the catalogue of the page's language.
 *
 * ```ts
 * const t = await messagesIn({ en, ar: () => import('./messages/ar.json') });
 * t('waiting', { count: 2 });
 * ```
 *
 * A key that the catalogue lacks is shown as it is. Rejects when the catalogue cannot be loaded.
 *
 * @throws TypeError when there is no catalogue at all
 */
export async function messagesIn<Messages extends Catalogue>(
  catalogues: Catalogues<Messages>,
): Promise<Translate<Messages>> {
  const language = best(Object.keys(catalogues), locale());
  if (language === undefined) throw new TypeError('messagesIn needs a catalogue for at least one language');
  const messages = await loaded(catalogues[language] as Messages | Load<Messages>);
  const icu = Object.values(messages).some(needsIcu) && (await import('@portico/sdk/i18n/icu'));
  const formats = new Map<string, Format>();
  return (key, values) => {
    const text = messages[key];
    if (text === undefined) return key;
    if (!icu || !needsIcu(text)) return filled(text, values);
    const known = formats.get(key) ?? icu.formatOf(text, language);
    formats.set(key, known);
    return known.format(values);
  };
}

/** Messages of a module: `t` from the moment that `load` has resolved. */
export interface Translations<Messages extends Catalogue> {
  readonly t: Translate<Messages>;
  /** Loads the catalogue of the page's language. Belongs into `bootstrap`; rejects when it cannot be loaded. */
  readonly load: () => Promise<void>;
}

/**
 * Messages for every module of an app: one `t` that all of them import. Nothing is loaded before `load` is called.
 *
 * ```ts
 * export const { load, t } = translations<typeof en>({ en, ar: async () => (await import('./messages/ar.ts')).ar });
 * ```
 */
export function translations<Messages extends Catalogue>(catalogues: Catalogues<Messages>): Translations<Messages> {
  let translate: Translate<Messages> | undefined;
  return {
    t: (key, values) => {
      if (!translate) throw new Error(`No messages are loaded to say “${key}”; await load() in bootstrap`);
      return translate(key, values);
    },
    load: async () => {
      translate = await messagesIn<Messages>(catalogues);
    },
  };
}

/** Whether a message is more than text and `{name}`s. */
function needsIcu(text: string): boolean {
  return PLACES.test(text.replace(NAMES, ''));
}

/** As ICU does: nothing stands for nothing, and a value that is missing is a mistake of who asks. */
function filled(text: string, values: Values = {}): string {
  return text.replace(NAMES, (place, name: string) => {
    if (!(name in values)) throw new TypeError(`The message “${text}” needs a value for ${place}`);
    const value = values[name];
    return value === false ? '' : String(value ?? '');
  });
}

/** RFC 4647, 3.4 (lookup): the tag itself, else less of it (`ar-EG`, then `ar`), else the first that there is. */
export function best(available: readonly string[], wanted: string): string | undefined {
  const parts = wanted.toLowerCase().split('-');
  for (let length = parts.length; length > 0; length--) {
    const tag = parts.slice(0, length).join('-');
    const found = available.find((one) => one.toLowerCase() === tag);
    if (found !== undefined) return found;
  }
  return available[0];
}

async function loaded<Messages extends Catalogue>(given: Messages | Load<Messages>): Promise<Messages> {
  if (typeof given !== 'function') return given;
  const module = await given();
  return typeof module.default === 'object' ? module.default : (module as Messages);
}
