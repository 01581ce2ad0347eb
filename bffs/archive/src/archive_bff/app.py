"""Assembly of the archive BFF."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from starlette.applications import Starlette

from archive_bff.demo_data import demo_data
from archive_bff.documents import Documents
from archive_bff.filing import Filing
from archive_bff.links import Links
from archive_bff.routes import ROUTES
from portico.bff import EntityStore, Hub, Part, Parts, SettingsError, create_bff
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.keys import KeySource

_SQLITE = "sqlite:///"


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the BFF from its settings (``portico.bff.BffSettings``), ARCHIVE_DOCUMENTS and ARCHIVE_YEARS.

    ARCHIVE_DOCUMENTS says where documents are kept: a folder, or ``s3://bucket/prefix``; without it, in the folder
    ``archive`` beside a SQLite database. ARCHIVE_YEARS says for how long (1 to 100; 10 without). Raises
    ``SettingsError``. Tests bring their own ``keys`` and ``hub``.
    """
    agenda = Agenda()
    filing = Filing(agenda, years(settings))
    place = documents_place(settings)
    return create_bff(
        settings,
        routes=ROUTES,
        parts=[documents_part(place), links, demo_data(filing), agenda],
        listener=filing.listener,
        migrations=MIGRATIONS,
        keys=keys,
        hub=hub,
        title="Archive",
    )


def documents_place(settings: Mapping[str, str]) -> str:
    """Where documents are kept. Raises ``SettingsError`` where nothing says it."""
    place = settings.get("ARCHIVE_DOCUMENTS", "").strip()
    database = settings.get("DATABASE_URL", "")
    if place:
        return place
    if database.startswith(_SQLITE):
        return str(Path(database.removeprefix(_SQLITE)).parent / "archive")
    raise SettingsError("ARCHIVE_DOCUMENTS is not set; beside PostgreSQL, say where documents are kept")


def years(settings: Mapping[str, str]) -> int:
    """For how many years documents are kept. Raises ``SettingsError``."""
    value = settings.get("ARCHIVE_YEARS", "").strip() or "10"
    if not (value.isascii() and value.isdecimal() and len(value) <= 3 and 1 <= int(value) <= 100):
        raise SettingsError(f"ARCHIVE_YEARS is {value!r}; it must be a number from 1 to 100")
    return int(value)


def documents_part(place: str) -> Part:
    """Where documents lie, as a part of the application."""

    @contextlib.asynccontextmanager
    async def documents(_parts: Parts) -> AsyncIterator[Documents]:
        yield Documents.at(place)

    return documents


@contextlib.asynccontextmanager
async def links(parts: Parts) -> AsyncIterator[Links]:
    """What signs links, as a part of the application."""
    yield await Links.open(parts.get(EntityStore))
