/** The GraphQL documents checkout sends. A test checks each against the BFF's committed schema. */

/** In one line, as the manifest has it, which has it fetched ahead. */
const line = (document: string): string => document.replace(/\s+/g, ' ').trim();

const MONEY = 'fragment MoneyParts on Money { minor currency }';

const BASKET = `
fragment BasketParts on Basket {
  version restaurantName count
  lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } }
  subtotal { ...MoneyParts } delivery { ...MoneyParts } total { ...MoneyParts }
}
${MONEY}`;

const SUMMARY = 'fragment SummaryParts on Order { id placedAt status restaurantName count total { ...MoneyParts } }';

const ORDER = `
fragment OrderParts on Order {
  ...SummaryParts
  lines { dishId name quantity unitPrice { ...MoneyParts } total { ...MoneyParts } }
  subtotal { ...MoneyParts } delivery { ...MoneyParts }
  address { name street postalCode city } note
}
${SUMMARY}
${MONEY}`;

export const BASKET_QUERY = line(`query Basket { basket { ...BasketParts } }${BASKET}`);

export const ADD_TO_BASKET = `mutation AddToBasket($input: AddToBasketInput!) {
  addToBasket(input: $input) { ...BasketParts }
}${BASKET}`;

export const CHANGE_QUANTITY = `mutation ChangeQuantity($dishId: ID!, $quantity: Int!) {
  changeQuantity(dishId: $dishId, quantity: $quantity) { ...BasketParts }
}${BASKET}`;

export const REMOVE_FROM_BASKET = `mutation RemoveFromBasket($dishId: ID!) {
  removeFromBasket(dishId: $dishId) { ...BasketParts }
}${BASKET}`;

export const CLEAR_BASKET = `mutation ClearBasket { clearBasket { ...BasketParts } }${BASKET}`;

export const SUBMIT_ORDER = `mutation SubmitOrder($input: SubmitOrderInput!) {
  submitOrder(input: $input) { ...OrderParts }
}${ORDER}`;

export const MY_ORDERS = line(`query MyOrders($first: Int!, $after: String) {
  myOrders(first: $first, after: $after) { nodes { ...SummaryParts } pageInfo { endCursor hasNextPage } }
}
${SUMMARY}
${MONEY}`);

export const ORDER_QUERY = `query Order($id: ID!) { order(id: $id) { ...OrderParts } }${ORDER}`;
