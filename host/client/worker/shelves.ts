/** Where responses are kept: the part of Cache Storage that is used, by names and path-absolute keys. */

/** One named store. Keys are a path with query, such as `/api/notes/things?page=2`. */
export interface Shelf {
  get(key: string): Promise<Response | undefined>;
  /** Keeps a response, last in order. Rejects with `QuotaExceededError` when there is no room. */
  put(key: string, response: Response): Promise<void>;
  delete(key: string): Promise<boolean>;
  /** Every key, the one written first at the front. */
  keys(): Promise<string[]>;
}

export interface Shelves {
  open(name: string): Promise<Shelf>;
  names(): Promise<string[]>;
  drop(name: string): Promise<boolean>;
}

/** The browser's own. */
export class CacheShelves implements Shelves {
  constructor(
    readonly caches: CacheStorage,
    readonly origin: string,
  ) {}

  async open(name: string): Promise<Shelf> {
    return new CacheShelf(await this.caches.open(name), this.origin);
  }

  names(): Promise<string[]> {
    return this.caches.keys();
  }

  drop(name: string): Promise<boolean> {
    return this.caches.delete(name);
  }
}

/** `Vary` is left aside: a key says all that an answer depends on. */
const BY_KEY: CacheQueryOptions = { ignoreVary: true };

class CacheShelf implements Shelf {
  constructor(
    readonly cache: Cache,
    readonly origin: string,
  ) {}

  get(key: string): Promise<Response | undefined> {
    return this.cache.match(this.#request(key), BY_KEY);
  }

  put(key: string, response: Response): Promise<void> {
    return this.cache.put(this.#request(key), response);
  }

  delete(key: string): Promise<boolean> {
    return this.cache.delete(this.#request(key), BY_KEY);
  }

  async keys(): Promise<string[]> {
    return (await this.cache.keys()).map(({ url }) => url.slice(this.origin.length));
  }

  #request(key: string): Request {
    return new Request(this.origin + key);
  }
}
