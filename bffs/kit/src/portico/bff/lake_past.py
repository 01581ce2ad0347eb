"""The event lake as the past of a projection: what the hub no longer has is there, and no erased person is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from anyio import to_thread

from portico.bff.config import LakeSettings
from portico.bff.deliveries import Consumer, Position
from portico.bff.errors import EnvelopeRefused
from portico.bff.projection import Past
from portico.bff.received_event import ReceivedEvent
from portico.lake.errors import LakeUnavailable

if TYPE_CHECKING:
    from portico.lake.keys import KeyStore
    from portico.lake.lake import Lake

LakeSource = Callable[[], AbstractAsyncContextManager[tuple["Lake", "KeyStore"]]]
"""Opens the lake with its keys, for as long as somebody reads there."""


def lake_source(settings: LakeSettings) -> LakeSource:
    """The lake that the settings name; it is opened when it is needed."""

    def opened() -> AbstractAsyncContextManager[tuple[Lake, KeyStore]]:
        from portico.lake.config import LakeConfig  # noqa: PLC0415 (pyarrow: half a second, for who builds anew alone)

        return LakeConfig(place=settings.place, keys=settings.keys, plain=settings.plain).opened()

    return opened


_PORTION: Final = 2000
_LAKE: Final = "lake"
"""Stands for the stream of a place among events of a stream that the hub has lost."""


def past_of_lake(lake: Lake, keys: KeyStore, *, then: Past) -> Past:
    """What the lake has, and ``then`` (of the hub) what came after. Without what is personal of who was erased.

    Raises ``LakeUnavailable``, also for a lake that has never kept anything: that is not the one that was meant.
    """
    from portico.lake.log import EPOCH  # noqa: PLC0415 (as above)
    from portico.lake.replay import Selection, replay  # noqa: PLC0415

    async def past(consumer: Consumer, after: Position) -> AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]:
        snapshot = await to_thread.run_sync(lake.refresh)
        if not snapshot.version:
            raise LakeUnavailable("the lake is empty: is PORTICO_LAKE the one that the keeper fills?")
        epoch = snapshot.position // EPOCH * EPOCH

        def place(position: int) -> Position:
            return Position(snapshot.stream, position - epoch) if position >= epoch else Position(_LAKE, position)

        known = {snapshot.stream: epoch + after.seq, _LAKE: after.seq}
        types, partition = _heard(consumer)
        selection = Selection(after=known.get(after.stream, 0), types=types, partition=partition)
        portion: list[ReceivedEvent] = []
        async for row in replay(lake, keys, selection):
            if row.position > snapshot.position:
                break  # it came meanwhile: the hub has it, too
            if (event := _event(row.envelope)) is not None:
                portion.append(event)
            if len(portion) == _PORTION:
                yield place(row.position), portion
                portion = []
        end = place(max(snapshot.position, known.get(after.stream, 0)))
        yield end, portion
        async for following in then(consumer, end):
            yield following

    return past


def _heard(consumer: Consumer) -> tuple[tuple[str, ...], int]:
    """The types and the partition that a consumer's subjects mean."""
    parts = [subject.split(".")[3:] for subject in consumer.subjects]
    return tuple(".".join(one[:-1]) for one in parts), int(parts[0][-1])


def _event(envelope: str) -> ReceivedEvent | None:
    """What is no event any more, without what was personal in it, can be taken by no rule."""
    try:
        return ReceivedEvent.read(envelope)
    except EnvelopeRefused:
        return None
