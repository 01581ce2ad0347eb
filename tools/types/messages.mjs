import { compile } from 'json-schema-to-typescript';
import { Refusal } from './refusal.mjs';

/** Keywords of the generator's own, which it writes into the module as they are: code of whoever wrote the schema. */
const CODE = new Set(['tsType', 'tsEnumNames']);

/** A module for each schema of a message, and one that tells the sdk's types of all of them. */
export async function messageFiles({ publishes = {}, consumes = {} }, read) {
  const made = {};
  const lists = await Promise.all(
    Object.entries({ publishes, consumes }).map(async ([direction, schemas]) => {
      const members = [];
      for (const [name, path] of Object.entries(schemas).sort()) {
        const file = `${direction}/${name.replace('/', '-')}`;
        made[`${file}.ts`] = await moduleOf(name, path, await read(path));
        members.push({
          name,
          file,
          type: typeName(name),
          alias: `${direction === 'publishes' ? 'Sent' : 'Taken'}${typeName(name)}`,
        });
      }
      return [direction, members];
    }),
  );
  if (!Object.keys(made).length) return {};
  return { ...made, 'messages.ts': indexOf(Object.fromEntries(lists)) };
}

async function moduleOf(name, path, text) {
  try {
    // The name that is asked for is the interface's, whatever the schema's own title is.
    const { title: _, ...schema } = JSON.parse(text, withoutCode);
    return await compile(schema, typeName(name), {
      bannerComment: '',
      format: false,
      declareExternallyReferenced: true,
      // A schema may come from another team: what it names elsewhere, files or addresses, is not fetched.
      $refOptions: { resolve: { external: false } },
    });
  } catch (error) {
    throw new Refusal(`${path}: ${error.message}`);
  }
}

/** For `JSON.parse`. A member of `properties` may have such a name: it is a schema, not a text or a list of them. */
function withoutCode(member, value) {
  const isSchema = typeof value === 'boolean' || (typeof value === 'object' && !Array.isArray(value));
  if (CODE.has(member) && !isSchema) throw new Error(`${member} would write code into the module; leave it out`);
  return value;
}

function indexOf({ publishes, consumes }) {
  const imports = [...publishes, ...consumes].map(
    ({ file, type, alias }) => `import type { ${type} as ${alias} } from './${file}.ts';`,
  );
  const members = (list) => list.map(({ name, alias }) => `    ${JSON.stringify(name)}: ${alias};`).join('\n');
  return `${imports.join('\n')}

declare global {
  /** What this app may publish. */
  interface PorticoPublishes {
${members(publishes)}
  }
  /** What this app takes. */
  interface PorticoConsumes {
${members(consumes)}
  }
}

export {};
`;
}

/** `thing.happened/1` is ThingHappened1. */
function typeName(name) {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}
