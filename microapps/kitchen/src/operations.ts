/** The GraphQL documents the kitchen sends. A test checks each against the BFF's committed schema. */

/** In one line, as the manifest has it, which has it fetched ahead. */
const line = (document: string): string => document.replace(/\s+/g, ' ').trim();

const TASK = `
fragment TaskParts on Task {
  id version status restaurantName customer placedAt count lines { name quantity } note
}`;

export const QUEUE = line(`query Queue { work(first: 8) { queue { ...TaskParts } done { ...TaskParts } } }${TASK}`);

export const ACCEPT = `mutation Accept($id: ID!, $version: Int!) {
  accept(id: $id, version: $version) { ...TaskParts }
}${TASK}`;

export const REJECT = `mutation Reject($id: ID!, $version: Int!, $reason: RejectReason!) {
  reject(id: $id, version: $version, reason: $reason) { ...TaskParts }
}${TASK}`;

export const READY = `mutation Ready($id: ID!, $version: Int!) {
  ready(id: $id, version: $version) { ...TaskParts }
}${TASK}`;
