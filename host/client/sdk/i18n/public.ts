/** `@portico/sdk/i18n`: messages in the person's language. */

export { direction, locale, setLocale } from './locale.ts';
export {
  type Catalogue,
  type Catalogues,
  messagesIn,
  type Translate,
  type Translations,
  translations,
  type Values,
} from './messages.ts';
