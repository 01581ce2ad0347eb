/** The GraphQL documents tracking sends. A test checks each against the BFF's committed schema. */

/** In one line, as the manifest has it, which has it fetched ahead. */
const line = (document: string): string => document.replace(/\s+/g, ' ').trim();

const DELIVERY = `
fragment DeliveryParts on Delivery { id restaurantName total { minor currency } status reason courierName steps { status at } }`;

export const DELIVERIES = line(`query Deliveries($first: Int!, $after: String) {
  deliveries(first: $first, after: $after) { nodes { ...DeliveryParts } pageInfo { endCursor hasNextPage } }
}${DELIVERY}`);

export const DELIVERY_QUERY = `query Delivery($id: ID!) { delivery(id: $id) { ...DeliveryParts } }${DELIVERY}`;
