"""What clients of import-map-deployer send: parsed into one kind of change, or refused with the place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor, isfinite
from types import MappingProxyType
from typing import Any

from portico.manifest.imd.addresses import (
    Address,
    covers_platform,
    is_url_like,
    package_directory,
    parse_address,
    parse_specifier,
)
from portico.manifest.imd.errors import ImdRequestInvalid
from portico.manifest.imd.integrity import parse_integrity
from portico.manifest.well_formed import malformations, pointer

_NONE: Mapping[str, Any] = MappingProxyType({})
_KNOWN = frozenset({"imports", "scopes", "integrity"})
_DEEPEST_LEVEL = 100
_MOST_EXTRA = 16


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of a map: what is named is set, the rest stays. ``None`` removes a scope, integrity or other member."""

    imports: Mapping[str, str] = field(default_factory=lambda: _NONE)
    scopes: Mapping[str, Mapping[str, str] | None] = field(default_factory=lambda: _NONE)
    integrity: Mapping[str, str | None] = field(default_factory=lambda: _NONE)
    extra: Mapping[str, Any] = field(default_factory=lambda: _NONE)
    remote: tuple[Address, ...] = ()
    """The addresses in it that can be fetched, each once."""


def read_json(content: bytes) -> dict[str, Any]:
    """Return the object that a body is, whatever its content type said; raises ``ImdRequestInvalid``."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImdRequestInvalid(f"Patching the import map requires a json request body ({error})") from error
    if not isinstance(document, dict):
        raise ImdRequestInvalid("Patching the import map requires a json request body that is an object")
    return document


def map_patch(document: Mapping[str, Any], own: frozenset[str]) -> Patch:
    """Read the body of ``PATCH /import-map.json``; ``own`` are the origins of pages. Raises ``ImdRequestInvalid``."""
    addresses: dict[str, Address] = {}
    imports = {
        name: _address(url, ("imports", name), addresses, folder=name.endswith("/"))
        for name, url in _members(document, "imports").items()
    }
    for name in imports:
        parse_specifier(name, pointer("imports", name))
    scopes = {name: _scope(name, value, addresses, own) for name, value in _members(document, "scopes").items()}
    integrity = {url: _integrity(url, value, own) for url, value in _members(document, "integrity").items()}
    extra = {name: value for name, value in document.items() if name not in _KNOWN}
    if len(extra) > _MOST_EXTRA:
        raise ImdRequestInvalid(
            f"there are {len(extra)} members that no import map has; at most {_MOST_EXTRA} are kept"
        )
    for finding in malformations(extra):  # every page carries them: what cannot be written would break all of them
        raise ImdRequestInvalid(finding.detail, finding.pointer)
    return Patch(imports, scopes, integrity, extra, _remote(addresses))


def service_patch(document: Mapping[str, Any], *, level: int | None) -> tuple[Patch, Address]:
    """Read the body of ``PATCH /services``; ``level`` is that of the package's folder, ``None`` without folders.

    Returns the change and the address that it is about. Raises ``ImdRequestInvalid``.
    """
    for name in ("service", "url"):
        if name not in document:
            raise ImdRequestInvalid(f"{name} key is missing", f"/{name}")
    service = document["service"]
    if not isinstance(service, str):
        raise ImdRequestInvalid(f'Invalid service key - "{service}" is an invalid service key', "/service")
    parse_specifier(service, "/service")
    addresses: dict[str, Address] = {}
    url = _address(document["url"], ("url",), addresses, folder=service.endswith("/"))
    imports = {service: url}
    # As the original counts: an address with more than one slash is in a folder.
    if level is not None and url.count("/") > 1 and not service.endswith("/"):
        imports[f"{service}/"] = package_directory(addresses[url], level)
    given = document.get("integrity")
    integrity = {url: parse_integrity(given, "/integrity")} if given else {}
    return Patch(imports, integrity=integrity, remote=_remote(addresses)), addresses[url]


def package_level(text: str | None) -> int:
    """Read ``packageDirLevel``: how many folders up the package begins, 1 without; raises ``ImdRequestInvalid``."""
    if not text:
        return 1
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not isfinite(number) or not 1 <= number <= _DEEPEST_LEVEL:
        raise ImdRequestInvalid(
            f"Query parameter packageDirLevel ({text[:40]}) should be of type number, from 1 to {_DEEPEST_LEVEL}",
            "query:packageDirLevel",
        )
    return floor(number)


def _members(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    if value is None:
        return _NONE
    if not isinstance(value, dict):
        raise ImdRequestInvalid(f"Invalid import map in request body -- {name} is not an object", f"/{name}")
    return value


def _address(url: Any, steps: tuple[str, ...], addresses: dict[str, Address], *, folder: bool) -> str:
    place = pointer(*steps)
    if not isinstance(url, str):
        raise ImdRequestInvalid(
            f"Invalid import map in request body -- module with name '{steps[-1]}' does not have a string url", place
        )
    if folder and not url.endswith("/"):
        raise ImdRequestInvalid(
            f"Invalid import map in request body -- the URL for module with name '{steps[-1]}' does not end with a "
            "trailing slash",
            place,
        )
    addresses[url] = parse_address(url, place)
    return url


def _specifier(name: str, steps: tuple[str, ...], own: frozenset[str]) -> None:
    place = pointer(*steps)
    parse_specifier(name, place)
    if is_url_like(name):
        _key(name, place, own)


def _key(text: str, place: str, own: frozenset[str]) -> None:
    """Refuse a URL as a key when that would change what a released file is, or what it imports."""
    if covers_platform(parse_address(text, place), own):
        raise ImdRequestInvalid(
            f"{text[:200]!r} covers files of released apps, which are changed by their own releases alone", place
        )


def _scope(name: str, value: Any, addresses: dict[str, Address], own: frozenset[str]) -> Mapping[str, str] | None:
    place = pointer("scopes", name)
    _key(name, place, own)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ImdRequestInvalid(
            f"Invalid import map in request body -- scope with name '{name[:200]}' is not an object", place
        )
    if not value:
        raise ImdRequestInvalid(
            f"Invalid import map in request body -- scope with name '{name[:200]}' is an object with no properties "
            "(null takes a scope away)",
            place,
        )
    for specifier in value:
        _specifier(specifier, ("scopes", name, specifier), own)
    return {
        specifier: _address(url, ("scopes", name, specifier), addresses, folder=specifier.endswith("/"))
        for specifier, url in value.items()
    }


def _integrity(url: str, value: Any, own: frozenset[str]) -> str | None:
    place = pointer("integrity", url)
    _key(url, place, own)
    return None if value is None else parse_integrity(value, place)


def _remote(addresses: Mapping[str, Address]) -> tuple[Address, ...]:
    return tuple(address for address in addresses.values() if address.is_remote)
