/** Whether all that a module exports are components, by its syntax tree: whoever imports it need not hear that it changed. */

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const WRAPPERS = new Set(['memo', 'forwardRef']);

/** @param program Babel's path of the program */
export function exportsComponentsOnly(program) {
  const exported = program.node.body.flatMap((statement) => exportsOf(statement, program.scope));
  return exported.length > 0 && exported.every(isComponent);
}

/** What a statement exports as `{ name, node }`; the node of what comes from elsewhere is not known. Types do not count. */
function exportsOf(statement, scope) {
  if (statement.exportKind === 'type') return [];
  if (statement.type === 'ExportAllDeclaration') return [{ name: '*' }];
  if (statement.type === 'ExportDefaultDeclaration') return [byDefault(statement.declaration, scope)];
  if (statement.type !== 'ExportNamedDeclaration') return [];
  if (statement.declaration) return declared(statement.declaration);
  return statement.specifiers
    .filter(({ exportKind }) => exportKind !== 'type')
    .map(({ local }) => (statement.source ? { name: '*' } : bound(local.name, scope)));
}

function byDefault(node, scope) {
  if (node.type === 'Identifier') return bound(node.name, scope);
  return { name: node.id?.name ?? 'Default', node };
}

function declared(node) {
  if (node.type !== 'VariableDeclaration') return [{ name: node.id?.name, node }];
  return node.declarations.map(({ id, init }) => ({ name: id.name, node: init }));
}

function bound(name, scope) {
  const node = scope.getBinding(name)?.path.node;
  return { name, node: node?.type === 'VariableDeclarator' ? node.init : node };
}

function isComponent({ name, node }) {
  return /^[A-Z]/.test(name ?? '') && Boolean(node) && (FUNCTIONS.has(node.type) || isWrapped(node));
}

function isWrapped(node) {
  if (node.type !== 'CallExpression') return false;
  const { callee } = node;
  return WRAPPERS.has(callee.type === 'MemberExpression' ? callee.property.name : callee.name);
}
