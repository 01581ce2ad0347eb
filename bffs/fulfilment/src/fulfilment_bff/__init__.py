"""The control service that sees each order through, from its submission to its one end."""

from fulfilment_bff.app import create_app

__all__ = ["create_app"]
