"""The gateway to the payment provider: charges and refunds, and what became of them."""

from payments_bff.app import create_app

__all__ = ["create_app"]
