/** Checked by the compiler: checkout takes messages, and reads answers, as its schemas say. Never run. */

import { type Api, messages } from '@portico/sdk';
import { ORDER_QUERY } from '../src/operations.ts';

export async function checked(api: Api): Promise<void> {
  messages.subscribe('basket.add/1', ({ data }) => data.dishId.trim());
  // @ts-expect-error: a name is text
  messages.subscribe('basket.add/1', ({ data }) => data.name.toFixed());
  // @ts-expect-error: checkout does not take this
  messages.subscribe('basket.clear/1', () => undefined);
  const { order } = await api.graphql(ORDER_QUERY, { id: '7' });
  const id: string | undefined = order?.id;
  void id;
  // @ts-expect-error: an order is asked for by its id
  await api.graphql(ORDER_QUERY, { number: 7 });
}
