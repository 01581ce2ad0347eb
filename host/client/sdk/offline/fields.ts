/** The parts of a JSON body that a person can read and change, one by one. Pure. */

/** A value that a field can hold. */
export type Scalar = string | number | boolean | null;

/** One value inside a body. */
export interface Field {
  /** Where it is, a JSON Pointer (RFC 6901). */
  readonly pointer: string;
  /** A name that a person can read, made from the path: `Lines 1, quantity`. */
  readonly label: string;
  readonly value: Scalar;
}

/** A field that the person and the server have differently. */
export interface Difference {
  readonly field: Field;
  readonly theirs: Scalar;
}

const MOST = 40;

/** The values inside `body` in their order, the first 40. */
export function fieldsOf(body: unknown): readonly Field[] {
  return leaves(body, [], wrappers(body)).slice(0, MOST);
}

/** A copy of `body` with other values at some pointers. */
export function withValues(body: unknown, values: ReadonlyMap<string, Scalar>): unknown {
  return replaced(body, '', values);
}

/** A value of the same kind as `like` from what was typed; a number that is none stays text, for the server to judge. */
export function parsed(text: string, like: Scalar): Scalar {
  if (typeof like !== 'number') return like === null && text === '' ? null : text;
  const number = Number(text);
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}

/**
 * Where the server's `entity` has another value than the command's `body`. A value is looked up at the same place, else
 * under the same name at the top: the fields of a command are often wrapped (`variables.input.note`).
 */
export function differences(body: unknown, entity: unknown): readonly Difference[] {
  return fieldsOf(body).flatMap((field) => {
    const path = field.pointer.split('/').slice(1).map(unescaped);
    const theirs = at(entity, path) ?? at(entity, path.slice(-1));
    return isScalar(theirs) && theirs !== field.value ? [{ field, theirs }] : [];
  });
}

/** `deliveryNote` becomes `Delivery note`. */
export function humanized(name: string): string {
  const words = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').replace(/[_-]+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}

function leaves(value: unknown, path: readonly string[], unsaid: number): readonly Field[] {
  if (isScalar(value)) {
    const pointer = path.map((part) => `/${escaped(part)}`).join('');
    return [{ pointer, label: labelOf(path.slice(unsaid)), value }];
  }
  if (typeof value !== 'object') return [];
  return Object.entries(value as object).flatMap(([name, inner]) => leaves(inner, [...path, name], unsaid));
}

/** How many objects only wrap the next one, as the `input` of a mutation does: their names tell a person nothing. */
function wrappers(value: unknown): number {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 0;
  const [inner, ...others] = Object.values(value);
  return others.length || typeof inner !== 'object' || inner === null || Array.isArray(inner) ? 0 : 1 + wrappers(inner);
}

/** The path in words; a number counts from one, and joins what it counts. */
function labelOf(path: readonly string[]): string {
  const parts: string[] = [];
  for (const part of path) {
    const last = parts.length - 1;
    if (/^\d+$/.test(part) && last >= 0) parts[last] = `${parts[last]} ${Number(part) + 1}`;
    else parts.push(parts.length ? humanized(part).toLowerCase() : humanized(part));
  }
  return parts.join(', ');
}

function replaced(value: unknown, pointer: string, values: ReadonlyMap<string, Scalar>): unknown {
  if (values.has(pointer)) return values.get(pointer);
  if (Array.isArray(value)) return value.map((inner, index) => replaced(inner, `${pointer}/${index}`, values));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    replaced(inner, `${pointer}/${escaped(name)}`, values),
  ]);
  return Object.fromEntries(entries);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');
const unescaped = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');
