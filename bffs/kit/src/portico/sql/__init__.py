"""SQL storage shared by host, manifest and BFF kit: atomic write groups, short reads, migrations."""

from portico.sql.database import Database
from portico.sql.errors import (
    ConstraintViolation,
    ExpectationFailed,
    InvalidText,
    MigrationError,
    SqlError,
    StatementError,
    StoreUnavailable,
    UniqueViolation,
    UnsupportedUrl,
)
from portico.sql.migrations import Migration
from portico.sql.rows import insertions
from portico.sql.sqlite import SqliteDatabase
from portico.sql.statement import Row, Statement, Value
from portico.sql.url import open_database

__all__ = [
    "ConstraintViolation",
    "Database",
    "ExpectationFailed",
    "InvalidText",
    "Migration",
    "MigrationError",
    "Row",
    "SqlError",
    "SqliteDatabase",
    "Statement",
    "StatementError",
    "StoreUnavailable",
    "UniqueViolation",
    "UnsupportedUrl",
    "Value",
    "insertions",
    "open_database",
]
