"""The BFF behind checkout: baskets, orders and the price book they are computed from."""

from checkout_bff.app import create_app

__all__ = ["create_app"]
