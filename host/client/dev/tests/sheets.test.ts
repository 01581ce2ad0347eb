import type { Registration } from '@portico/sdk';
import { afterEach, expect, it, vi } from 'vitest';
import { Sheets } from '../sheets.ts';

/** Rules as a browser reads them: by their braces. One too many ends the text's last group. */
class Group {
  cssRules: Group[] = [];
  deleteRule(index: number): void {
    this.cssRules.splice(index, 1);
  }
}

class Sheet extends Group {
  replaceSync(text: string): void {
    const open: Group[] = [this];
    this.cssRules = [];
    for (const [brace] of text.matchAll(/[{}]/g)) {
      if (brace === '}') open.length > 1 && open.pop();
      else {
        const group = new Group();
        open.at(-1)?.cssRules.push(group);
        open.push(group);
      }
    }
    made = this;
  }
}

let made: Sheet | undefined;

afterEach(() => vi.unstubAllGlobals());

it.each(['a{} } b{}', 'a{} } } b{}', 'a{} } b{} } c{}'])('nothing of a build gets out by braces: %s', async (css) => {
  vi.stubGlobal('CSSStyleSheet', Sheet);
  vi.stubGlobal('fetch', async () => new Response(css));
  const app: Registration = { name: '@team/shop', app: 'shop', entry: '', styles: [], routes: [], bff: null };
  await new Sheets(app, 'http://127.0.0.1:5200/').use(['http://127.0.0.1:5200/b/1/shop.css']);
  expect(made?.cssRules).toHaveLength(1);
  expect(made?.cssRules[0]?.cssRules).toHaveLength(1);
});
