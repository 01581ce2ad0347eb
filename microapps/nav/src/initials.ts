/** One or two letters that stand for a name, whole characters of any alphabet: `Ana María Ruiz` is `AR`, `花見` is `花`. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const [first = '', last = ''] = [words[0], words.length > 1 ? words[words.length - 1] : ''];
  return [first, last]
    .map((word) => Array.from(word)[0] ?? '')
    .join('')
    .toLocaleUpperCase();
}
