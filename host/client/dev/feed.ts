/** What the server tells: its builds, one after another, over server-sent events. */

/** A build that went well. Addresses are absolute. */
export interface Build {
  readonly number: number;
  readonly entry: string;
  readonly styles: readonly string[];
  /** Digest of all but the style sheets: what has the same needs no new mount. */
  readonly code: string;
  /** The oldest build from which a page gets here with its state, by the framework's Fast Refresh. */
  readonly since: number;
  /** Why that is not the build before; not said of apps whose framework has no Fast Refresh. */
  readonly why?: string;
}

/** One thing that is wrong, and where. */
export interface Fault {
  readonly text: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 0. */
  readonly column?: number;
  readonly lineText?: string;
}

interface Faults {
  readonly errors: readonly Fault[];
}

/** Hears of builds. */
export interface Listener {
  built(build: Build): void;
  failed(faults: readonly Fault[]): void;
  /** The BFF runs anew: what it answers may be different. */
  bffStarted(): void;
  bffFailed(faults: readonly Fault[]): void;
  lost(): void;
}

/** Listens to the server at `base`, which tells the latest state at once; the browser connects again by itself. */
export function listen(base: string, listener: Listener): () => void {
  const source = new EventSource(new URL('events', base));
  const on = <T>(type: string, take: (data: T) => void): void =>
    source.addEventListener(type, (event: MessageEvent<string>) => take(JSON.parse(event.data) as T));
  on<Build>('built', (build) =>
    listener.built({
      ...build,
      entry: new URL(build.entry, base).href,
      styles: build.styles.map((path) => new URL(path, base).href),
    }),
  );
  on<Faults>('failed', ({ errors }) => listener.failed(errors));
  on('bff', () => listener.bffStarted());
  on<Faults>('bff-failed', ({ errors }) => listener.bffFailed(errors));
  source.onerror = () => listener.lost();
  return () => source.close();
}
