"""The member ``offline`` of an app manifest: what of the app a browser keeps, for when there is no network."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from portico.manifest.errors import Finding
from portico.manifest.routing import InvalidPattern, pattern_of
from portico.manifest.well_formed import pointer

Policy = Literal["network-first", "stale-while-revalidate", "cache-first"]
Api = Literal["rest", "graphql"]

_POLICIES = frozenset({"network-first", "stale-while-revalidate", "cache-first"})


@dataclass(frozen=True, slots=True)
class Ahead:
    """A GraphQL query exactly as the app sends it: its ``document`` and ``variables``."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """Answers of the app's BFF that are kept: those to ``GET path`` (URLPattern pathname syntax, relative to the BFF),
    or to the GraphQL query named ``graphql``. Exactly one of the two is there. A path without a pattern, and the query
    ``ahead``, are fetched before anybody asks.

    ``timeout_ms`` is how long the network has before a kept answer takes its place. Answers older than ``max_age_s``
    seconds are not shown any more; of more than ``max_entries``, the oldest go.
    """

    path: str | None = None
    graphql: str | None = None
    ahead: Ahead | None = None
    policy: Policy = "network-first"
    timeout_ms: int = 3000
    max_age_s: int = 7 * 24 * 3600
    max_entries: int = 200


@dataclass(frozen=True, slots=True)
class Offline:
    """An app that opens without a network: its files are kept, and of its data what ``reads`` name."""

    reads: tuple[Read, ...] = ()


def offline_of(document: Mapping[str, Any]) -> Offline | None:
    """Read the member of a manifest's document; ``None`` without one.

    Releases that were published while the member was reserved may hold anything in it: they count as not offered.
    """
    member = document.get("offline")
    if not isinstance(member, dict):
        return None
    reads = member.get("reads", [])
    if not isinstance(reads, list) or not all(map(_is_read, reads)) or not member.keys() <= {"reads", *_notes(member)}:
        return None
    return Offline(tuple(map(_read, reads)))


def offline_meaning(offline: Offline, api: Api | None) -> Iterable[Finding]:
    """Find what a schema cannot say. ``api`` is what the app's BFF speaks; ``None`` when it has none."""
    seen: dict[str, int] = {}
    for number, read in enumerate(offline.reads):
        place = ("offline", "reads", number)
        if api is None:
            yield Finding(pointer(*place), "the app has no BFF whose answers could be kept")
        if read.graphql is not None and api == "rest":
            yield Finding(pointer(*place, "graphql"), "the app's BFF speaks REST; say which path")
        try:
            what = f"query {read.graphql}" if read.path is None else pattern_of(read.path).shape
        except InvalidPattern as error:
            yield Finding(pointer(*place, "path"), str(error))
            continue
        if (first := seen.setdefault(what, number)) != number:
            yield Finding(pointer(*place), f"names the same answers as read {first}")


def _is_read(read: object) -> bool:
    """Whether the value has what a read is made of; the schema says the rest."""
    if not isinstance(read, dict) or read.get("policy", "network-first") not in _POLICIES:
        return False
    texts = [read[name] for name in ("path", "graphql") if name in read]
    numbers = [read[name] for name in ("timeoutMs", "maxAgeS", "maxEntries") if name in read]
    return (
        len(texts) == 1
        and isinstance(texts[0], str)
        and all(type(number) is int for number in numbers)
        and _is_ahead(read.get("ahead"))
    )


def _is_ahead(ahead: object) -> bool:
    if not isinstance(ahead, dict):
        return ahead is None
    return isinstance(ahead.get("document"), str) and isinstance(ahead.get("variables", {}), dict)


def _read(read: dict[str, Any]) -> Read:
    names = {"timeoutMs": "timeout_ms", "maxAgeS": "max_age_s", "maxEntries": "max_entries"}
    known = {"path", "graphql", "policy", *names}
    ahead = read.get("ahead")
    return Read(
        ahead=None if ahead is None else Ahead(ahead["document"], ahead.get("variables", {})),
        **{names.get(name, name): value for name, value in read.items() if name in known},
    )


def _notes(member: Mapping[str, Any]) -> set[str]:
    return {name for name in member if name.startswith("x-")}
