/** Limits the BFF sets, repeated so that the form can say them before it is sent. The BFF decides. */
export const MAX_QUANTITY = 20;
export const MAX_NOTE = 300;
export const MAX_LENGTH = { name: 80, street: 120, postalCode: 12, city: 80 } as const;
export const ORDERS_PER_PAGE = 10;
