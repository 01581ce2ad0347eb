"""The BFF behind the kitchen: a restaurant's queue of orders, and how far it is with each."""

from kitchen_bff.app import create_app

__all__ = ["create_app"]
