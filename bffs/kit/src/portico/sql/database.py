"""The port: what every part of Portico that keeps rows asks of its database."""

from collections.abc import Sequence
from typing import Protocol

from portico.sql.statement import Row, Statement, Value


class Database(Protocol):
    """A SQL database with short reads and atomic write groups. All SQL uses numbered parameters ``$1..$n``."""

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Run one query and return its rows; it sees every write acknowledged before it began.

        For short reads only (an index and a page of rows): an adapter may run it on the event loop's own thread.
        Raises ``StatementError`` or ``StoreUnavailable``.
        """
        ...

    async def recall(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """As ``read``, for few rows that are asked for again and again; nothing in ``sql`` may depend on the time.

        An adapter may answer from memory, but only while it knows that nobody has changed the database since.
        """
        return await self.read(sql, params)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run the statements as one atomic group and return each one's ``RETURNING`` rows (empty without).

        Returning means durable: the group outlives a power cut. Groups of many callers may share one commit; a group
        that fails undoes itself alone. Cancelling the caller leaves the outcome open. Raises ``UniqueViolation``,
        ``ConstraintViolation``, ``ExpectationFailed``, ``StatementError`` or ``StoreUnavailable``.
        """
        ...

    async def close(self) -> None:
        """Finish what was handed in, refuse what comes later with ``StoreUnavailable``, release the files."""
        ...
