"""The BFF behind checkout: baskets, orders and the price book they are computed from."""
