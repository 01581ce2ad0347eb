import { describe, expect, it } from 'vitest';
import { Owner } from '../owner.ts';

/** A register that fails as often as it is told. */
class Register {
  failures = 0;
  sub: string | null = 'ada';
  reads = 0;

  async person(): Promise<string | null> {
    this.reads++;
    if (this.failures-- > 0) throw new Error('blocked');
    return this.sub;
  }
  async setPerson(sub: string | null): Promise<void> {
    this.sub = sub;
  }
}

const hash = async (sub: string): Promise<string> => `hash of ${sub}`;

describe('whose pages are open', () => {
  it('is read once, and then what pages say', async () => {
    const register = new Register();
    const owner = new Owner(register, hash);
    expect(await owner.current()).toEqual({ sub: 'ada', hash: 'hash of ada' });
    await owner.become('bob');
    expect(await owner.current()).toEqual({ sub: 'bob', hash: 'hash of bob' });
    expect([register.reads, register.sub]).toEqual([1, 'bob']);
  });

  it('is nobody while it cannot be read, and is asked for again', async () => {
    const register = new Register();
    register.failures = 1;
    const owner = new Owner(register, hash);
    expect(await owner.current()).toBeNull();
    expect(await owner.current()).toEqual({ sub: 'ada', hash: 'hash of ada' });
  });

  it('is what a page said meanwhile, whatever comes of a reading', async () => {
    const register = new Register();
    register.failures = 1;
    const owner = new Owner(register, hash);
    const asked = owner.current();
    await owner.become('bob');
    await asked;
    register.sub = 'ada';
    expect(await owner.current()).toEqual({ sub: 'bob', hash: 'hash of bob' });
  });
});
