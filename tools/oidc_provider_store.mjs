/** Where the tests' `oidc-provider` keeps what it knows: in this process, whichever provider asks (its Adapter). */

const kept = new Map();

export class Store {
  constructor(model) {
    this.model = model;
  }

  key(id) {
    return `${this.model}:${id}`;
  }

  async upsert(id, payload, expiresIn) {
    kept.set(this.key(id), { payload: { ...payload }, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity });
  }

  async find(id) {
    const found = kept.get(this.key(id));
    return found && found.until > Date.now() ? found.payload : undefined;
  }

  async findByUid(uid) {
    return this.first(({ payload }) => payload.uid === uid);
  }

  async findByUserCode(userCode) {
    return this.first(({ payload }) => payload.userCode === userCode);
  }

  async consume(id) {
    const found = await this.find(id);
    if (found) {
      found.consumed = Math.floor(Date.now() / 1000);
    }
  }

  async destroy(id) {
    kept.delete(this.key(id));
  }

  async revokeByGrantId(grantId) {
    for (const [key, { payload }] of kept) {
      if (payload.grantId === grantId) {
        kept.delete(key);
      }
    }
  }

  first(fits) {
    for (const [key, entry] of kept) {
      if (key.startsWith(`${this.model}:`) && entry.until > Date.now() && fits(entry)) {
        return entry.payload;
      }
    }
    return undefined;
  }
}
