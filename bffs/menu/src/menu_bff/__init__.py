"""The BFF behind the menu: restaurants and dishes, to look through and to search."""

from menu_bff.app import create_app

__all__ = ["create_app"]
