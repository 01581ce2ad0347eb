"""Tells other systems of orders, by signed webhooks."""

from notifications_bff.app import create_app

__all__ = ["create_app"]
