"""What can go wrong between a caller and its database. Map ``code`` at the edge; never read the words."""

from typing import ClassVar


class SqlError(Exception):
    """Base of everything this package raises on purpose."""

    code: ClassVar[str] = "sql"


class StatementError(SqlError):
    """The statement is wrong: syntax, an unknown table, too few or many parameters, a value SQL cannot hold."""

    code = "statement"


class InvalidText(StatementError):
    """A text that cannot be stored: half of a surrogate pair anywhere, U+0000 in PostgreSQL."""

    code = "invalid-text"


class UnsupportedUrl(SqlError):
    """No adapter answers to this database URL. The message names the scheme alone, for a URL may hold a password."""

    code = "unsupported-url"


class MigrationError(SqlError):
    """A migration failed, tried to end its transaction, or differs from the one this file was built with."""

    code = "migration"

    def __init__(self, migration: str, reason: str) -> None:
        super().__init__(f"migration {migration!r}: {reason}")
        self.migration = migration
        self.reason = reason


class ConstraintViolation(SqlError):
    """A group broke a rule of the schema (``kind``: check, not-null, foreign-key, unique, other) and was undone."""

    code = "constraint-violation"

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class UniqueViolation(ConstraintViolation):
    """A row with the same ``columns`` of ``table`` exists (both empty when an index on expressions refused).

    Of a table with row-level security PostgreSQL tells no columns.
    """

    code = "unique-violation"

    def __init__(self, columns: tuple[str, ...], table: str = "", message: str = "") -> None:
        super().__init__("unique", message or f"{table}({', '.join(columns)}) must be unique")
        self.columns = columns
        self.table = table


class ExpectationFailed(SqlError):
    """Statement ``index`` of a group touched ``actual`` rows, not the ``expected``; the group was undone whole."""

    code = "expectation-failed"

    def __init__(self, index: int, expected: int, actual: int) -> None:
        super().__init__(f"statement {index} was to touch {expected} rows and touched {actual}")
        self.index = index
        self.expected = expected
        self.actual = actual


class StoreUnavailable(SqlError):
    """The store cannot answer now (``reason``: busy, full, io, corrupt, closed).

    A write that ends so was **not acknowledged**. Nearly always nothing of it is kept; after an input/output error the
    outcome is unknown until the file is read again, so repeat only what is idempotent.
    """

    code = "store-unavailable"

    def __init__(self, reason: str, message: str = "") -> None:
        super().__init__(message or f"the store is unavailable: {reason}")
        self.reason = reason
