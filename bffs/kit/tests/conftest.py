"""Fixtures of the kit's tests."""

from bffs.kit.tests.sql_engines import database_url, service_database, service_url, store_url
from tools.postgres import postgres_server, postgres_url

__all__ = ["database_url", "postgres_server", "postgres_url", "service_database", "service_url", "store_url"]
