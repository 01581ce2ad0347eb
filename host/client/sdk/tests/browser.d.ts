declare module 'virtual:documented-examples' {
  /** A fenced `ts` block of the reference: where it stands, and the module that it is. */
  export const examples: readonly {
    readonly line: number;
    readonly source: string;
    readonly load: () => Promise<Record<string, unknown>>;
  }[];
}
