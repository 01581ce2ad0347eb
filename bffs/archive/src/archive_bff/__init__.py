"""The BFF behind the archive: the receipts of orders that are over, as documents that are kept for years."""

from archive_bff.app import create_app

__all__ = ["create_app"]
