/** Whose pages are open: the one person whose answers are kept and shown. */

/** Where it is written down; `Device` of `@portico/local` is one. */
export interface Register {
  person(): Promise<string | null>;
  setPerson(sub: string | null): Promise<void>;
}

/** The person and their hash. */
export interface Person {
  readonly sub: string;
  readonly hash: string;
}

export class Owner {
  #known: Promise<Person | null> | undefined;

  constructor(
    readonly register: Register,
    readonly personHash: (sub: string) => Promise<string>,
  ) {}

  /** The person whose pages are open, or were last; null when nobody was signed in, or when it cannot be read now. */
  current(): Promise<Person | null> {
    this.#known ??= this.#read();
    return this.#known;
  }

  /** A page has said whose it is. */
  async become(sub: string | null): Promise<Person | null> {
    const next = this.#person(sub);
    this.#known = next;
    await this.register.setPerson(sub);
    return next;
  }

  /** A device that gives no storage must not come between page and network: nothing is kept, and it is asked again next time. */
  #read(): Promise<Person | null> {
    const read = this.register.person().then(
      (sub) => this.#person(sub),
      () => {
        if (this.#known === read) this.#known = undefined;
        return null;
      },
    );
    return read;
  }

  async #person(sub: string | null): Promise<Person | null> {
    return sub === null ? null : { sub, hash: await this.personHash(sub) };
  }
}
