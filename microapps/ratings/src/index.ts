/**
 * `@discovery/ratings`: what people say of a restaurant, and rating an order that has arrived. Others mount it as a parcel
 * for the entries that it offers to their mount points, and tell it what their page is about (`restaurantId`, or
 * `orderId`); reviews have a page as well. It knows its own BFF alone.
 */
import { type AppContext, apiFor } from '@portico/sdk';
import { mount as show, unmount as take } from 'svelte';
import { RatingsApi } from './api.ts';
import Rate from './Rate.svelte';
import Reviews from './Reviews.svelte';
import { load } from './say.ts';
import { adoptStyles } from './styles.ts';

interface Shown {
  readonly component: Record<string, unknown>;
  readonly control: AbortController;
}

const shown = new Map<HTMLElement, Shown>();

export async function bootstrap(): Promise<void> {
  await load();
  adoptStyles();
}

/** The props of a parcel, or of an app: then the address says what the page is about. */
export interface Props {
  readonly domElement: HTMLElement;
  readonly restaurantId?: unknown;
  readonly orderId?: unknown;
  readonly portico?: AppContext;
}

export async function mount({ domElement, restaurantId, orderId, portico }: Props): Promise<void> {
  const control = new AbortController();
  const api = new RatingsApi(apiFor('ratings'), control.signal);
  const component =
    typeof orderId === 'string'
      ? show(Rate, { target: domElement, props: { api, orderId } })
      : show(Reviews, { target: domElement, props: { api, ...about(restaurantId, portico) } });
  shown.set(domElement, { component, control });
}

export async function unmount({ domElement }: Props): Promise<void> {
  const known = shown.get(domElement);
  shown.delete(domElement);
  known?.control.abort();
  if (known) await take(known.component);
}

function about(restaurantId: unknown, portico: AppContext | undefined): { restaurantId: string; heading: 'h1' | 'h2' } {
  if (typeof restaurantId === 'string') return { restaurantId, heading: 'h2' };
  return { restaurantId: portico?.params.id ?? '', heading: 'h1' };
}
