"""Schemas as texts, read and compared. Files are immutable, so what was read and found is remembered."""

import asyncio
from functools import lru_cache

from portico.manifest.contracts.containment import unfit
from portico.manifest.contracts.event_schema import EventSchema, read_event_schema
from portico.manifest.errors import Finding


async def compared(place: str, who: str, sent: str, taken: str) -> list[Finding]:
    """Return where something that the schema ``sent`` lets through is not valid against ``taken``."""
    found = await asyncio.to_thread(misfits, sent, taken)
    return [Finding(place, f"{who}: {why}"[:500]) for why in found]


@lru_cache(maxsize=1024)
def misfits(sent: str, taken: str) -> tuple[str, ...]:
    """The same as words alone. Up to a second of work for large schemas: keep it off the event loop."""
    try:
        return tuple(unfit(_read(sent), _read(taken)))
    except ValueError as error:
        return (str(error),)


def wrong(text: str) -> str | None:
    """Say why a text is no schema that could be compared, ``None`` for one that is."""
    try:
        _read(text)
    except ValueError as error:
        return str(error)
    return None


@lru_cache(maxsize=256)
def _read(text: str) -> EventSchema:
    return read_event_schema(text)
