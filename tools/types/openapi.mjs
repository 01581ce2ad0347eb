import openapiTS, { astToString } from 'openapi-typescript';

/** Types of an OpenAPI document, and the type of a client for it; throws when it refers to another document. */
export async function restFile(contract) {
  const document = JSON.parse(contract, (member, value) => {
    // The generator would fetch it: an address, or any file that the person who runs this can read.
    if (member === '$ref' && typeof value === 'string' && !value.startsWith('#'))
      throw new Error(`$ref ${JSON.stringify(value)} leads out of the document; put what it means into it`);
    return value;
  });
  const ast = await openapiTS(document, { silent: true, immutable: true });
  return `import type { RestApi } from '@portico/sdk';

${astToString(ast)}
/** The app's own BFF: \`const api: OwnApi = portico.api\`. */
export type OwnApi = RestApi<paths>;
`;
}
