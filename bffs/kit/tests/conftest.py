"""Fixtures of the kit's tests."""

from bffs.kit.tests.sql_engines import database_url, service_database, service_url, store_url
from tools.postgres import postgres_server, postgres_url
from tools.s3 import s3_endpoint, s3_environment, s3_place

__all__ = [
    "database_url",
    "postgres_server",
    "postgres_url",
    "s3_endpoint",
    "s3_environment",
    "s3_place",
    "service_database",
    "service_url",
    "store_url",
]
