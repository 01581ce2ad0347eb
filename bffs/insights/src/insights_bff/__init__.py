"""The BFF behind insights: how each restaurant has done, day by day."""

from insights_bff.app import create_app

__all__ = ["create_app"]
