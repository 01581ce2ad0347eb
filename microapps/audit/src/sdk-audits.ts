/** The adapter from the port to the platform: apps through their BFFs' clients, the host directly. */
import { apiFor, ProblemError } from '@portico/sdk';
import type { Audits } from './audits.ts';
import type { EntryPage, Place } from './model.ts';

const HOST = 'host';
const LIMIT = '100';

export class SdkAudits implements Audits {
  async places(signal: AbortSignal): Promise<readonly Place[]> {
    const { places } = await own<{ places: readonly Place[] }>('/auth/audit/places', signal);
    return places;
  }

  async read(
    place: Place,
    query: Readonly<Record<string, string>>,
    cursor: string | null,
    signal: AbortSignal,
  ): Promise<EntryPage | null> {
    const asked = { ...query, limit: LIMIT, ...(cursor === null ? {} : { cursor }) };
    try {
      if (place.name === HOST) return await own<EntryPage>(`${place.url}?${new URLSearchParams(asked)}`, signal);
      return await apiFor(place.name).get<EntryPage>('/audit', { query: asked, signal });
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) return null;
      throw error;
    }
  }
}

async function own<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(url, { headers: { Accept: 'application/json', 'X-Portico': '1' }, signal });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return (await response.json()) as T;
}
