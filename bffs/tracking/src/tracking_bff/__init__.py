"""The BFF behind tracking: where a person's orders are, as the services that work on them tell."""

from tracking_bff.app import create_app

__all__ = ["create_app"]
