/** Checked by the compiler: the menu publishes what it says, and asks its BFF for what there is. Never run. */

import { messages } from '@portico/sdk';
import type { OwnApi } from '../src/portico/api.ts';

export async function checked(api: OwnApi): Promise<void> {
  const { items } = await api.get('/cuisines');
  const name: string | undefined = items[0]?.name;
  void name;
  // @ts-expect-error: the BFF has no such path
  await api.get('/cuisine');
  // @ts-expect-error: the menu does not publish this
  messages.publish('basket.add/2', {});
  // @ts-expect-error: a dish has an id
  messages.publish('basket.add/1', { name: 'Soup' });
}
