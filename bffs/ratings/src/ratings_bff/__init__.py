"""The BFF behind ratings: one rating for each completed order, and what people say of a restaurant."""

from ratings_bff.app import create_app

__all__ = ["create_app"]
