/** Cached answers while commands wait: RFC 7396 merge patches, and which of them hold. */

import type { PersonDb } from './db.ts';
import type { CachedRead } from './entry.ts';
import type { PatchRow } from './schema.ts';

export type { PatchRow } from './schema.ts';

/** Applies a JSON merge patch (RFC 7396, section 2) and returns the result; neither argument is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else define(result, name, mergePatch(own(result, name), value));
  }
  return result;
}

/** The patches on one answer, in the order of their commands: the waiting ones, and done ones that are newer than it. */
export function holding(rows: readonly PatchRow[], asOf: number): PatchRow[] {
  return rows
    .filter((row) => row.state === 'pending' || (row.state === 'confirmed' && row.at > asOf))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** An answer's JSON with the patches on it, and how many commands it shows that still wait. */
export function patched(body: unknown, rows: readonly PatchRow[], asOf: number): { body: unknown; pending: number } {
  const held = holding(rows, asOf);
  const waiting = new Set(held.filter((row) => row.state === 'pending').map((row) => row.key));
  return { body: held.reduce((so, row) => mergePatch(so, row.merge), body), pending: waiting.size };
}

/** Whether two descriptions mean the same cached read. */
export function sameRead(a: CachedRead, b: CachedRead): boolean {
  if ('path' in a || 'path' in b) return 'path' in a && 'path' in b && a.path === b.path;
  return a.operation === b.operation && a.document === b.document && canonical(a.variables) === canonical(b.variables);
}

/** JSON with sorted members, so that equal values have equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? '{}';
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

/** The stored patches, for whoever keeps the cache. */
export class Patches {
  constructor(private readonly db: PersonDb) {}

  /** All patches on a read, of any state. */
  async of(app: string, read: CachedRead): Promise<PatchRow[]> {
    const rows = await this.db.transact({ mode: 'readonly', stores: ['patches'] }, (tables) => tables.patches(app));
    return rows.filter((row) => sameRead(row.read, read));
  }

  /** The patches of commands that are done: to be folded into the cached answers, then removed. */
  async confirmed(): Promise<PatchRow[]> {
    const rows = await this.db.transact({ mode: 'readonly', stores: ['patches'] }, (tables) => tables.patches());
    return rows.filter((row) => row.state === 'confirmed');
  }

  /** Forgets patches that were folded in. */
  async remove(ids: readonly string[]): Promise<void> {
    await this.db.transact({ mode: 'readwrite', stores: ['patches'] }, async (tables) => {
      for (const id of ids) await tables.deletePatch(id);
    });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** `__proto__` is a member like any other here. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}
