"""Fixtures of the kit's tests."""

from tools.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]
