import { describe, expect, it } from 'vitest';
import { stubPage } from './boot-document.ts';

describe('the boot document', () => {
  it('says who the person is and what they may do', async () => {
    stubPage({ user: { sub: '7', name: 'Ada', roles: ['editor'] } });
    const { can, user } = await import('../public.ts');
    expect(user()).toEqual({ sub: '7', name: 'Ada', roles: ['editor'] });
    expect([can('editor'), can('owner')]).toEqual([true, false]);
  });

  it('grants nothing to somebody who is not signed in', async () => {
    stubPage({});
    const { can, user } = await import('../public.ts');
    expect(user()).toBeNull();
    expect(can('editor')).toBe(false);
  });

  it('gives the entries of a mount point, and none for one that nobody fills', async () => {
    const entry = { app: 'lamps', key: 'lamps', order: 1, label: 'Lamps', icon: null, href: '/lamps' };
    stubPage({ mountPoints: { nav: [entry] } });
    const { mountPoint } = await import('../public.ts');
    expect(mountPoint('nav')).toEqual([entry]);
    expect(mountPoint('footer')).toEqual([]);
  });

  it('is missed with a sentence that says what is wrong', async () => {
    stubPage(null);
    const { user } = await import('../public.ts');
    expect(() => user()).toThrow('no #portico-apps');
  });

  it('leads to sign-in and back to the page, with its query and fragment', async () => {
    stubPage({}, 'https://portico.test/lamps/7?on=1#bulb');
    const { signInUrl } = await import('../public.ts');
    expect(signInUrl()).toBe('/auth/sign-in?return_to=%2Flamps%2F7%3Fon%3D1%23bulb');
    expect(signInUrl('/')).toBe('/auth/sign-in?return_to=%2F');
  });
});
