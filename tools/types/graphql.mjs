import { createRequire } from 'node:module';

// Required, not imported: there may be one copy of `graphql` only, and the generator requires it.
const require = createRequire(import.meta.url);
const { codegen } = require('@graphql-codegen/core');
const operationTypes = require('@graphql-codegen/typescript-operations');
const { buildSchema, Kind, parse, print, printSchema, visit } = require('graphql');

const CONFIG = {
  // Custom scalars that everybody writes as text; any other is checked by who reads it.
  scalars: { ID: 'string', Date: 'string', DateTime: 'string', Time: 'string', UUID: 'string' },
  defaultScalarType: 'unknown',
  immutableTypes: true,
  enumType: 'string-literal',
  skipTypename: true,
};

/** Types of the operations, and each as a document that carries them: `api.graphql(ThingDocument, {id})`. */
export async function graphqlFile(contract, operations) {
  const schema = buildSchema(contract);
  const documents = operations.map(({ path, text }) => ({ location: path, document: parse(text), rawSDL: text }));
  const types = await codegen({
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents,
    filename: 'api.ts',
    plugins: [{ operationTypes: {} }],
    pluginMap: { operationTypes },
    config: CONFIG,
  });
  const definitions = documents.flatMap(({ document }) => document.definitions);
  const named = definitions.filter(({ kind, name }) => kind === Kind.OPERATION_DEFINITION && name);
  return `import type { TypedDocument } from '@portico/sdk';

${types}
${named.map((operation) => documentOf(operation, definitions)).join('\n')}
`;
}

/** A constant: the operation with the fragments that it uses, in one line. */
function documentOf(operation, definitions) {
  const name = operation.name.value;
  const [first, ...rest] = operation.operation;
  const result = `${name}${first.toUpperCase()}${rest.join('')}`;
  const text = [operation, ...fragmentsOf(operation, definitions)].map(print).join(' ').replace(/\s+/g, ' ');
  return `export const ${name}Document = ${JSON.stringify(text)} as string & TypedDocument<${result}, ${result}Variables>;`;
}

function fragmentsOf(operation, definitions) {
  const found = new Set();
  const look = (part) =>
    visit(part, {
      FragmentSpread({ name }) {
        const fragment = definitions.find(
          (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name.value,
        );
        if (!fragment || found.has(fragment)) return;
        found.add(fragment);
        look(fragment);
      },
    });
  look(operation);
  return found;
}
