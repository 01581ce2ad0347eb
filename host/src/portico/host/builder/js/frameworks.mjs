/**
 * What frameworks need of the bundler. A framework's own compiler does the work, in the version that the app has
 * installed; nothing is loaded for an app that does not list the framework in its package.json.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';

/** The esbuild plugins for the app of this toolchain. */
export async function frameworkPlugins(toolchain) {
  const listed = await listedPackages(toolchain.folder);
  const plugins = [];
  if (listed.has('svelte')) plugins.push(svelte(toolchain.load('svelte/compiler')));
  if (listed.has('vue')) plugins.push(vue(toolchain.load('vue/compiler-sfc'), toolchain.folder));
  return plugins;
}

/** The packages that the app's own package.json lists. */
export async function listedPackages(folder) {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return new Set();
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(await readFile(file, 'utf8'));
  return new Set(Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }));
}

/** Svelte components (`.svelte`) and modules with runes (`.svelte.js`, `.svelte.ts`). */
function svelte({ compile, compileModule }) {
  return {
    name: 'svelte',
    setup(hooks) {
      const styles = servedStyles(hooks, 'svelte-style');
      hooks.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        return reporting(path, source, () => {
          const { js, css, warnings } = compile(source, { filename: path, generate: 'client', css: 'external' });
          const style = css?.code ? styles.importOf(`${path}.css`, css.code) : '';
          return {
            contents: `${js.code}\n${style}${inlineMap(js.map)}`,
            warnings: warnings.map((one) => message(path, source, one)),
          };
        });
      });
      hooks.onLoad({ filter: /\.svelte\.[jt]s$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const { code } = await hooks.esbuild.transform(source, { loader: path.endsWith('ts') ? 'ts' : 'js' });
        return reporting(path, source, () => ({
          contents: compileModule(code, { filename: path, generate: 'client' }).js.code,
        }));
      });
    },
  };
}

/** Vue's single-file components (`.vue`): the template is compiled into the script, scoped styles are kept apart. */
function vue(compiler, folder) {
  return {
    name: 'vue',
    setup(hooks) {
      const styles = servedStyles(hooks, 'vue-style');
      hooks.onLoad({ filter: /\.vue$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        return reporting(path, source, () => compileVue(compiler, { path, source, folder, styles }));
      });
    },
  };
}

function compileVue(compiler, { path, source, folder, styles }) {
  const { descriptor, errors } = compiler.parse(source, { filename: path });
  if (errors.length) return { errors: errors.map((error) => message(path, source, error)) };
  const id = createHash('sha256').update(relative(folder, path)).digest('hex').slice(0, 8);
  const scopeId = descriptor.styles.some((style) => style.scoped) ? `data-v-${id}` : undefined;
  const script = vueScript(compiler, descriptor, { id, scopeId });
  const imports = descriptor.styles.map((style, index) => {
    const filename = `${path}.${index}.css`;
    const compiled = compiler.compileStyle({
      source: style.content,
      filename,
      id: `data-v-${id}`,
      scoped: style.scoped,
    });
    if (compiled.errors.length) throw compiled.errors[0];
    return styles.importOf(filename, compiled.code);
  });
  const name = `__component.__name ??= ${JSON.stringify(basename(path, '.vue'))};`;
  const scope = scopeId ? `__component.__scopeId = ${JSON.stringify(scopeId)};` : '';
  return {
    contents: `${script.content}\n${imports.join('')}${name}${scope}\nexport default __component;\n${inlineMap(script.map)}`,
    loader: script.lang === 'ts' ? 'ts' : 'js',
  };
}

/** The component's script as a module with the binding `__component`, its template compiled into it. */
function vueScript(compiler, descriptor, { id, scopeId }) {
  const templateOptions = { compilerOptions: scopeId ? { scopeId } : {} };
  if (descriptor.script || descriptor.scriptSetup) {
    const inlineTemplate = Boolean(descriptor.scriptSetup);
    const script = compiler.compileScript(descriptor, {
      id,
      inlineTemplate,
      templateOptions,
      genDefaultAs: '__component',
    });
    if (inlineTemplate || !descriptor.template) return script;
    return { ...script, content: `${script.content}\n${vueRender(compiler, descriptor, id, templateOptions, script)}` };
  }
  return { content: `const __component = {};\n${vueRender(compiler, descriptor, id, templateOptions)}`, lang: 'js' };
}

function vueRender(compiler, { template, filename }, id, { compilerOptions }, script) {
  const { code, errors } = compiler.compileTemplate({
    source: template.content,
    filename,
    id,
    compilerOptions: { ...compilerOptions, bindingMetadata: script?.bindings },
  });
  if (errors.length) throw errors[0];
  return `${code.replace('export function render', 'function __render')}\n__component.render = __render;`;
}

/** Hands the style sheets that a compiler made to the bundler, which writes them into the app's one. */
function servedStyles(hooks, namespace) {
  const sheets = new Map();
  const filter = new RegExp(`^${namespace}:`);
  hooks.onResolve({ filter }, ({ path }) => ({ path: path.slice(namespace.length + 1), namespace }));
  hooks.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: sheets.get(path), loader: 'css' }));
  return {
    importOf(path, css) {
      sheets.set(path, css);
      return `import ${JSON.stringify(`${namespace}:${path}`)};\n`;
    },
  };
}

/** What `compile` returns; what it throws becomes an error with its place. */
function reporting(path, source, compile) {
  try {
    return compile();
  } catch (error) {
    return { errors: [message(path, source, error)] };
  }
}

/** A compiler's error or warning as esbuild's: both know where it is, in two ways. */
function message(path, source, { message: text, start, loc }) {
  const place = start ?? loc?.start;
  if (!place) return { text };
  const lineText = source.split('\n')[place.line - 1] ?? '';
  return { text, location: { file: path, line: place.line, column: place.column, lineText } };
}

function inlineMap(map) {
  if (!map) return '';
  const encoded = Buffer.from(typeof map === 'string' ? map : JSON.stringify(map)).toString('base64');
  return `//# sourceMappingURL=data:application/json;base64,${encoded}\n`;
}
