import type { JSX } from 'preact';

/** The languages whose script a cuisine's names may be in, so that they are read and drawn as what they are. */
const LANGUAGES: Readonly<Record<string, string>> = {
  chinese: 'zh-Hant',
  georgian: 'ka',
  greek: 'el',
  japanese: 'ja',
  korean: 'ko',
  levantine: 'ar',
};

interface Props {
  readonly name: string | null;
  readonly cuisine: string;
}

/** A name in its own script, running the way that script does. */
export function NativeName({ name, cuisine }: Props): JSX.Element | null {
  if (!name) return null;
  return (
    <bdi class="menu-native" lang={LANGUAGES[cuisine]}>
      {name}
    </bdi>
  );
}
