"""The store port of channels: revisions are only appended, each with what it changed."""

from collections.abc import Sequence
from typing import Protocol

from portico.manifest.answers import KeptAnswer, RequestKey
from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_summary import ChannelSummary


class ChannelStore(Protocol):
    """Rows of channels. A write costs what it changes, and one that returned is durable."""

    async def head(self, channel: str) -> int:
        """Return the number of the channel's latest revision, 0 when it has none."""
        ...

    async def channels(self, *, after: str, limit: int) -> Sequence[ChannelSummary]:
        """Return channels that have a revision, by name, from the first name that comes after ``after``."""
        ...

    async def revision(self, channel: str, number: int) -> ChannelRevision:
        """Return a revision (0 is the empty channel); raises ``UnknownRevision``."""
        ...

    async def latest(self, known: ChannelRevision) -> ChannelRevision:
        """Return the channel's latest revision, reading no more than what changed since ``known``."""
        ...

    async def history(self, channel: str, *, before: int | None, limit: int) -> Sequence[ChannelRevision]:
        """Return revisions, newest first, of numbers below ``before``."""
        ...

    async def append(
        self, parent: ChannelRevision, revisions: Sequence[ChannelRevision], answers: Sequence[KeptAnswer] = ()
    ) -> None:
        """Keep new revisions, each the next of the one before it, the first that of ``parent``; and answers with them.

        All or none; answers older than ``answers.KEPT`` go when one comes. Raises ``RevisionConflict`` when a number is
        taken (compare-and-set), or an answer's key.
        """
        ...

    async def answer(self, key: RequestKey) -> KeptAnswer | None:
        """Return what was answered under this key, or ``None``; it may be another request's (see ``KeptAnswer.to``)."""
        ...

    async def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer by itself, unless there is one under its key."""
        ...
