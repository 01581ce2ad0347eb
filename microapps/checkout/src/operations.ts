/** The GraphQL documents that checkout sends: `schemas/operations.graphql`, with the types of what they ask and answer. */

export {
  AddToBasketDocument as ADD_TO_BASKET,
  BasketDocument as BASKET_QUERY,
  ChangeQuantityDocument as CHANGE_QUANTITY,
  ClearBasketDocument as CLEAR_BASKET,
  MyOrdersDocument as MY_ORDERS,
  OrderDocument as ORDER_QUERY,
  RemoveFromBasketDocument as REMOVE_FROM_BASKET,
  SubmitOrderDocument as SUBMIT_ORDER,
} from './portico/api.ts';
