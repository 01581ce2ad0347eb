import { beforeEach, describe, expect, it, vi } from 'vitest';
import { best, messagesIn, translations } from '../../i18n/messages.ts';

const en = { hello: 'Hello', things: '{count, plural, one {# thing} other {# things}}', by: 'By {name}' };
const ar = {
  hello: 'مرحبا',
  things: '{count, plural, zero {لا أشياء} one {شيء واحد} two {شيئان} few {# أشياء} many {# شيئًا} other {# شيء}}',
  by: 'من {name}',
};

describe('messages', () => {
  beforeEach(() => vi.stubGlobal('document', { documentElement: { lang: 'ar-EG', dir: 'rtl' } }));

  it('are of the page’s language, with its own plurals; of no other one a catalogue is loaded', async () => {
    const others = vi.fn(async () => en);
    const t = await messagesIn({ en: others, ar: async () => ({ default: ar }) });
    expect(t('hello')).toBe('مرحبا');
    expect([0, 1, 2, 3, 11, 100].map((count) => t('things', { count }))).toEqual([
      'لا أشياء',
      'شيء واحد',
      'شيئان',
      '3 أشياء',
      '11 شيئًا',
      '100 شيء',
    ]);
    expect(t('by', { name: 'Ada' })).toBe('من Ada');
    expect(others).not.toHaveBeenCalled();
  });

  it('are of the first language where the page’s is not there', async () => {
    vi.stubGlobal('document', { documentElement: { lang: 'fr' } });
    const t = await messagesIn({ en, ar: async () => ar });
    expect([t('hello'), t('things', { count: 1 })]).toEqual(['Hello', '1 thing']);
  });

  it('show their key where they are missing', async () => {
    const t = await messagesIn<Record<string, string>>({ en });
    expect(t('gone')).toBe('gone');
  });

  it('say what is wrong with them', async () => {
    const t = await messagesIn({ en: { broken: '{count, plural, one {#}}' } });
    expect(() => t('broken', { count: 1 })).toThrow(SyntaxError);
    await expect(messagesIn({})).rejects.toThrow('at least one language');
  });
});

it.each([
  [['en', 'ar'], 'ar-EG', 'ar'],
  [['en', 'pt-BR', 'pt'], 'pt-br', 'pt-BR'],
  [['en', 'ar'], 'fr', 'en'],
  [[], 'fr', undefined],
])('of %j, %s gets %s', (available, wanted, found) => {
  expect(best(available, wanted)).toBe(found);
});

describe('messages of a module', () => {
  beforeEach(() => vi.stubGlobal('document', { documentElement: { lang: 'ar' } }));

  it('are there once they are loaded, and say what is missing before', async () => {
    const { load, t } = translations<typeof en>({ en, ar: async () => ar });
    expect(() => t('hello')).toThrow('await load() in bootstrap');
    await load();
    expect([t('hello'), t('by', { name: 'Ada' })]).toEqual(['مرحبا', 'من Ada']);
  });

  it('fill a name in every place of it, and miss none', async () => {
    const { load, t } = translations({ en: { twice: '{a} and {b}, {a}' } });
    await load();
    expect(t('twice', { a: 1, b: '{b}' })).toBe('1 and {b}, 1');
    expect(() => t('twice', { a: 1 })).toThrow('needs a value for {b}');
  });

  it.each([0, '', null, undefined, false, 1.5])('fill %j into a name as ICU does', async (value) => {
    const { load, t } = translations({ en: { plain: '{name}', icu: '{name}{n, plural, other {}}' } });
    await load();
    expect(t('plain', { name: value })).toBe(t('icu', { name: value, n: 1 }));
  });
});
