"""What a channel holds under a name: releases of an app with their weights, modules hosted elsewhere; and changes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

WHOLE = 100
"""The weights of an app's releases add up to this."""

Kind = Literal["app", "import", "scope", "extra"]
"""What a name in a channel names: an app, a specifier, a scope, an unknown member of an import map."""


@dataclass(frozen=True, slots=True)
class WeightedRelease:
    """A release with its share of the people, in hundredths."""

    digest: str
    weight: int = WHOLE


@dataclass(frozen=True, slots=True)
class ChannelEntry:
    """What a channel points to for one app: one release, or the stable one and, second, a candidate. Never more."""

    app: str
    releases: tuple[WeightedRelease, ...]

    @property
    def stable(self) -> WeightedRelease:
        """The release of everyone who is not in the candidate's share."""
        return self.releases[0]

    @property
    def candidate(self) -> WeightedRelease | None:
        """The release that some people are shown, or ``None``."""
        return self.releases[1] if len(self.releases) > 1 else None


@dataclass(frozen=True, slots=True)
class External:
    """A module hosted elsewhere, put into the import map by its specifier; ``integrity`` is ``sha384-...`` or so."""

    url: str
    integrity: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of one name between two revisions.

    ``before`` and ``after`` are, for an app, its releases (empty where it was not there); for an import an
    ``External``, for a scope its mapping, for an extra member its JSON value: ``None`` where it was not there.
    """

    kind: Kind
    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who changes a channel, when (aware, UTC) and why."""

    who: str
    at: datetime
    why: str = ""


def brought_in(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """Yield each release, as app and digest, that people are shown after the changes who were not before.

    A stable release that gets its candidate's people back is none: it was everyone's to fall back on.
    """
    for change in changes:
        if change.kind == "app":
            weights = {one.digest: one.weight for one in change.before}
            stable = change.before[0].digest if change.before else None
            for one in change.after:
                if one.digest != stable and one.weight > weights.get(one.digest, 0):
                    yield change.name, one.digest


def releases_document(releases: tuple[WeightedRelease, ...]) -> list[dict[str, Any]]:
    """Return an app's releases as JSON: ``[{release, weight}]``."""
    return [{"release": one.digest, "weight": one.weight} for one in releases]


def releases_from(document: list[Mapping[str, Any]]) -> tuple[WeightedRelease, ...]:
    """Read what ``releases_document`` wrote."""
    return tuple(WeightedRelease(one["release"], one["weight"]) for one in document)


def external_document(external: External) -> dict[str, Any]:
    """Return a module hosted elsewhere as JSON: ``{url, integrity?}``."""
    integrity = {} if external.integrity is None else {"integrity": external.integrity}
    return {"url": external.url, **integrity}


def value_document(kind: Kind, value: Any) -> Any:
    """Return what ``Change`` calls before or after as JSON."""
    match kind:
        case "app":
            return releases_document(value)
        case "import":
            return None if value is None else external_document(value)
        case "scope":
            return None if value is None else dict(value)
        case "extra":
            return value


def value_from(kind: Kind, document: Any) -> Any:
    """Read what ``value_document`` wrote."""
    match kind:
        case "app":
            return releases_from(document)
        case "import":
            return None if document is None else External(document["url"], document.get("integrity"))
        case _:
            return document


def change_document(change: Change) -> dict[str, Any]:
    """Return a change as the API answers it: ``{app|import|scope|extra: name, before, after}``."""
    before, after = (value_document(change.kind, value) for value in (change.before, change.after))
    return {change.kind: change.name, "before": before, "after": after}
