/** What a server said was wrong, in a form that can be stored and shown. */

/** A problem document (RFC 9457) or the first error of a GraphQL answer, reduced to one shape. */
export interface Problem {
  /** The last part of the problem's type, or the GraphQL error's `code`: `conflict`, `lane-gap`, `network`, ... */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  /** The HTTP status that it stands for; 0 where no server answered. */
  readonly status: number;
  readonly errors?: readonly { readonly pointer?: string; readonly detail: string }[];
  /** The entity as the server has it, with a 412 `conflict`. */
  readonly current?: { readonly version: number; readonly entity?: unknown };
  /** The sequence number that the server waits for, with `lane-gap` and `lane-seq-used`. */
  readonly expected?: number;
  /** How the replaced or discarded command had ended, with `command-applied`. */
  readonly outcome?: unknown;
}
