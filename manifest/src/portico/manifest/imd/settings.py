"""The façade's settings: a JSON file with the members of import-map-deployer's own, as far as they mean something."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portico.manifest.imd.addresses import Address, parse_address
from portico.manifest.imd.errors import ImdRequestInvalid, InvalidImdSettings

DEFAULT = "default"
"""The environment that is meant when a request names none."""

_CHANNEL = re.compile(r"[a-z][a-z0-9-]{0,62}")
_SWITCHES = {
    "alphabetical": "alphabetical",
    "packagesViaTrailingSlashes": "packages_via_trailing_slashes",
    "allowPrivateAddresses": "allow_private_addresses",
    "anyoneMayChange": "anyone_may_change",
}
_MEANINGLESS = {"port", "region", "s3", "s3Endpoint", "cacheControl", "readManifest", "writeManifest", "writeJsFile"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImdSettings:
    """How the façade behaves.

    ``locations`` are the environments and the channel of each. With ``username`` and ``password`` every call but the
    health check wants them; without, calls want an operator's deploy token, unless ``anyone_may_change``.
    ``url_safe_list`` are prefixes that every remote address must have (``None``: any). ``page_origins`` are origins
    that pages are served from, beside the one that a request is sent to.
    """

    locations: Mapping[str, str] = field(default_factory=lambda: {DEFAULT: "live"})
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    alphabetical: bool = False
    packages_via_trailing_slashes: bool = True
    url_safe_list: tuple[str, ...] | None = None
    allow_private_addresses: bool = False
    anyone_may_change: bool = False
    page_origins: frozenset[str] = frozenset()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "ImdSettings | None":
        """Read the file that ``PORTICO_IMD`` names, ``None`` without; raises ``InvalidImdSettings``.

        ``IMD_USERNAME`` and ``IMD_PASSWORD`` together replace what the file says, as with the original.
        """
        path = environment.get("PORTICO_IMD")
        if not path:
            return None
        try:
            document = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidImdSettings(path, [f"cannot be read as JSON: {error}"]) from error
        user, password = environment.get("IMD_USERNAME"), environment.get("IMD_PASSWORD")
        if isinstance(document, dict) and user and password:
            document |= {"username": user, "password": password}
        return cls.from_document(document, where=path)

    @classmethod
    def from_document(cls, document: Any, *, where: str = "settings") -> "ImdSettings":
        """Read parsed JSON; raises ``InvalidImdSettings`` with every fault."""
        if not isinstance(document, dict):
            raise InvalidImdSettings(where, ["is not a JSON object"])
        read = {
            "locations": document.get("locations", {DEFAULT: "live"}),
            "username": document.get("username"),
            "password": document.get("password"),
            "url_safe_list": document.get("urlSafeList"),
            "page_origins": document.get("pageOrigins", []),
            **{ours: document[theirs] for theirs, ours in _SWITCHES.items() if theirs in document},
        }
        if faults := [*_unknown(document), *_faults(read, document)]:
            raise InvalidImdSettings(where, faults)
        safe = read["url_safe_list"]
        return cls(
            **{
                **read,
                "url_safe_list": None if safe is None else tuple(safe),
                "page_origins": frozenset(read["page_origins"]),
            }
        )

    def for_pages_at(self, url: str) -> "ImdSettings":
        """Return settings that also know the origin of this URL as one that pages are served from."""
        return replace(self, page_origins=self.page_origins | {parse_address(url, "").origin})

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password, when both are configured."""
        return None if self.username is None or self.password is None else (self.username, self.password)

    def channel(self, environment: str | None) -> str | None:
        """Return the channel of an environment, of the default one without; ``None`` when there is none such."""
        if environment:
            return self.locations.get(environment)
        return self.locations.get(DEFAULT) or next(iter(self.locations.values()), None)

    def environments(self) -> list[dict[str, Any]]:
        """Return what ``GET /environments`` says: those of one channel are aliases of each other."""
        default = self.locations.get(DEFAULT)
        return [
            {
                "name": name,
                "isDefault": name == DEFAULT or channel == default,
                "aliases": [other for other, same in self.locations.items() if other != name and same == channel],
            }
            for name, channel in self.locations.items()
        ]

    def trusts(self, address: Address) -> bool:
        """Whether an address may be put into a map: on this origin, or below a prefix of ``urlSafeList``."""
        if self.url_safe_list is None or not address.is_remote:
            return True
        prefixes = (parse_address(safe, "/urlSafeList") for safe in self.url_safe_list)
        return any(address.origin == safe.origin and address.path.startswith(safe.path) for safe in prefixes)


def _unknown(document: Mapping[str, Any]) -> list[str]:
    known = {"locations", "username", "password", "urlSafeList", "manifestFormat", "pageOrigins", *_SWITCHES}
    faults = []
    for name in sorted(set(document) - known):
        reason = "has no meaning here, take it out" if name in _MEANINGLESS else "is not a setting"
        faults.append(f"{name} {reason}")
    if document.get("manifestFormat", "importmap") != "importmap":
        faults.append("manifestFormat can be importmap alone")
    return faults


def _faults(read: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    faults = [
        f"{theirs} is not true or false" for theirs in _SWITCHES if not isinstance(document.get(theirs, True), bool)
    ]
    locations = read["locations"]
    if not (isinstance(locations, dict) and locations):
        faults.append("locations is not an object of environments and their channels")
    else:
        faults += [
            f"locations: {name!r} is {channel!r}, which cannot be a channel's name (such as live)"
            for name, channel in locations.items()
            if not (name and isinstance(channel, str) and _CHANNEL.fullmatch(channel))
        ]
    faults += _credential_faults(read)
    safe = read["url_safe_list"]
    if safe is not None and not _strings(safe):
        faults.append("urlSafeList is not a list of URL prefixes")
    elif safe is not None:
        faults += [
            f"urlSafeList has {prefix!r}; write a prefix like https://cdn.example/"
            for prefix in safe
            if not _remote(prefix)
        ]
    origins = read["page_origins"]
    if not _strings(origins):
        faults.append("pageOrigins is not a list of origins")
    else:
        faults += [
            f"pageOrigins has {one!r}; write an origin like https://shop.example" for one in origins if not _origin(one)
        ]
    return faults


def _credential_faults(read: Mapping[str, Any]) -> list[str]:
    user, password = read["username"], read["password"]
    both = isinstance(user, str) and isinstance(password, str) and user and password and ":" not in user
    neither = user is None and password is None
    return [] if both or neither else ["username and password are both texts that are not empty, or both missing"]


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _remote(prefix: str) -> bool:
    try:
        return parse_address(prefix, "").is_remote
    except ImdRequestInvalid:
        return False


def _origin(text: str) -> bool:
    return _remote(text) and parse_address(text, "").origin == text and not urlsplit(text).path
