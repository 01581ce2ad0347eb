"""The BFF behind the courier: what waits at restaurants, and what a courier has with them."""

from courier_bff.app import create_app

__all__ = ["create_app"]
