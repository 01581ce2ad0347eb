"""The JSON Schemas of events, which say what is personal in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from portico.lake.errors import UnsupportedLake
from portico.lake.personal import EVERYTHING, PersonalFields, personal_fields
from portico.schemas import SchemaFile, SchemaRefused, in_folders, installed


class Schemas:
    """Knows what is personal in which event, by its ``dataschema`` (``urn:portico:<service>:<type>:<version>``)."""

    def __init__(self, known: Mapping[str, PersonalFields]) -> None:
        self._known = known

    @classmethod
    def read(cls, folders: Iterable[Path]) -> Schemas:
        """Read the schemas in folders: ``<type>.<version>.json`` in ``<service>/schemas`` below them.

        Raises ``UnsupportedLake`` with the file that cannot be used.
        """
        return cls._of(lambda: in_folders(folders))

    @classmethod
    def installed(cls) -> Schemas:
        """Read the schemas of the services installed here: in ``schemas`` in their package, or beside its sources.

        Raises ``UnsupportedLake`` with the file that cannot be used.
        """
        return cls._of(installed)

    @classmethod
    def _of(cls, found: Callable[[], Iterable[SchemaFile]]) -> Schemas:
        try:
            return cls({one.urn: personal_fields(str(one.path), one.schema) for one in found()})
        except SchemaRefused as error:
            raise UnsupportedLake(str(error)) from error

    def __contains__(self, dataschema: object) -> bool:
        """Whether there is a schema of this name."""
        return dataschema in self._known

    def of(self, dataschema: str) -> PersonalFields:
        """What is personal in such an event; everything, where there is no schema."""
        return self._known.get(dataschema, EVERYTHING)
