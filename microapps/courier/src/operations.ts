/** The GraphQL documents the courier's screen sends. A test checks each against the BFF's committed schema. */

/** In one line, as the manifest has it, which has it fetched ahead. */
const line = (document: string): string => document.replace(/\s+/g, ' ').trim();

const JOB = `
fragment JobParts on Job {
  id version status restaurantName count note to { name street postalCode city } readyAt
}`;

export const ROUND = line(`query Round {
  round(first: 8) { ready { ...JobParts } withMe { ...JobParts } delivered { ...JobParts } }
}${JOB}`);

export const PICK_UP = `mutation PickUp($id: ID!, $version: Int!) {
  pickUp(id: $id, version: $version) { ...JobParts }
}${JOB}`;

export const DELIVER = `mutation Deliver($id: ID!, $version: Int!) {
  deliver(id: $id, version: $version) { ...JobParts }
}${JOB}`;
