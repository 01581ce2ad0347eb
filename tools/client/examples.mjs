import { readFileSync } from 'node:fs';
import { fromRoot } from './paths.mjs';

const LIST = 'virtual:documented-examples';
const BLOCK = /^```ts\n(.*?)^```$/gms;

/**
 * A Vite plugin that makes a module of every fenced `ts` block of a document:
 *
 *     import { examples } from 'virtual:documented-examples';
 *     examples // [{ line, source, load() }]
 *
 * Each block is a whole module. It is run as it stands.
 */
export function documentedExamples(file) {
  const path = fromRoot(file);
  const blocks = () => {
    const text = readFileSync(path, 'utf8');
    return [...text.matchAll(BLOCK)].map(({ 1: source, index }) => ({
      source,
      line: text.slice(0, index).split('\n').length + 1,
    }));
  };
  return {
    name: 'documented-examples',
    resolveId: (id) => (id.startsWith(LIST) ? `${path}?${id.slice('virtual:'.length)}` : undefined),
    load(id) {
      const [, which] = id.split('?documented-examples');
      if (which === undefined || !id.startsWith(path)) return undefined;
      this.addWatchFile(path);
      const number = /^\/(\d+)\.ts$/.exec(which)?.[1];
      if (number !== undefined) return { code: blocks()[Number(number)].source, moduleType: 'ts' };
      const items = blocks().map(
        (block, at) => `{ ...${JSON.stringify(block)}, load: () => import(${JSON.stringify(`${LIST}/${at}.ts`)}) }`,
      );
      return { code: `export const examples = [${items.join(',')}];`, moduleType: 'js' };
    },
  };
}
