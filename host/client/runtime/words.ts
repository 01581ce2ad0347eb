import { boot } from '@portico/sdk';

/** A sentence in the page's language; it came with the page, so that it can be said when nothing can be fetched. */
export function said(sentence: string): string {
  return boot().words?.[sentence] ?? sentence;
}

/** That something, as people know it, could not be opened. */
export function notOpened(what: string | null | undefined): string {
  return said('{what} could not be opened').replace('{what}', () => what || said('This part of the page'));
}
