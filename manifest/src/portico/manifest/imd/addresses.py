"""Addresses and specifiers of an import map, held to what a browser makes of them (HTML Standard, URL Standard)."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import urlsplit

from portico.manifest.imd.errors import ImdRequestInvalid

LONGEST = 2_000
"""How many characters a URL, a specifier or a scope may have."""

_URI = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%#]+")
"""RFC 3986's characters. A browser reads the others (a backslash, a tab) in ways of its own."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_HOST = re.compile(r"[a-z0-9_.-]+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A last label that makes a browser read the whole host as an IPv4 address."""
_CONTROL = re.compile("[\x00-\x20\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_DOTS = {".": ".", "%2e": ".", "..": "..", ".%2e": "..", "%2e.": "..", "%2e%2e": ".."}
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A URL: ``origin`` is empty when it is relative, ``path`` has no dot segments (see ``relative_to_root``)."""

    text: str
    origin: str
    path: str

    @property
    def is_remote(self) -> bool:
        """Whether it says itself where it is, with scheme and host."""
        return bool(self.origin)


def parse_address(text: str, pointer: str) -> Address:
    """Read an address; raises ``ImdRequestInvalid`` unless it is ``http(s)://...``, or begins with /, ./ or ../."""
    if not text or len(text) > LONGEST or not _URI.fullmatch(text):
        raise ImdRequestInvalid(f"{text[:200]!r} is not a URL of at most {LONGEST} plain characters", pointer)
    if not _SCHEME.match(text):
        if text.startswith("//") or not text.startswith(("/", "./", "../")):
            raise ImdRequestInvalid(
                f"{text[:200]!r} is no address for an import map: write https://..., or begin with /, ./ or ../",
                pointer,
            )
        return Address(text, "", _resolved(_path_only(text)))
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ImdRequestInvalid(f"{text[:200]!r} is not a URL: {error}", pointer) from error
    if parts.scheme not in _PORTS or not parts.hostname or not text[len(parts.scheme) :].startswith("://"):
        raise ImdRequestInvalid(f"{text[:200]!r} is not a URL with http or https and a host", pointer)
    if parts.username is not None or parts.password is not None:
        raise ImdRequestInvalid(f"the URL for {parts.hostname} has a user or password in it", pointer)
    host = _host(parts.hostname, pointer)
    suffix = "" if port in {None, _PORTS[parts.scheme]} else f":{port}"
    return Address(text, f"{parts.scheme}://{host}{suffix}", _resolved(parts.path or "/"))


def _host(host: str, pointer: str) -> str:
    """Return a host as an origin has it; raises ``ImdRequestInvalid`` for one that a browser would write otherwise.

    A browser decodes percent signs, and reads ``127.1`` and ``0x7f.1`` as numbers (URL Standard, host parsing): such a
    host would be compared as one name here, and be another there.
    """
    try:
        if ":" in host and "%" not in host:
            return f"[{IPv6Address(host).compressed}]"
        if _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
            return str(IPv4Address(host))
    except AddressValueError as error:
        raise ImdRequestInvalid(f"{host[:200]!r} is a number that is not plainly written", pointer) from error
    if not _HOST.fullmatch(host):
        raise ImdRequestInvalid(f"{host[:200]!r} is not a host's name in plain letters, digits, - and .", pointer)
    return host


def parse_specifier(text: str, pointer: str) -> str:
    """Return a module's name; raises ``ImdRequestInvalid`` for an empty one, or one with spaces or controls."""
    if not text or not text.strip():
        raise ImdRequestInvalid(f'Invalid service key - "{text[:200]}" is an invalid service key', pointer)
    if len(text) > LONGEST or _CONTROL.search(text):
        raise ImdRequestInvalid("a module's name has at most 2000 characters, none of them blank or control", pointer)
    return text


def is_url_like(specifier: str) -> bool:
    """Whether a browser reads a specifier as a URL, and not as a bare name."""
    return specifier.startswith(("/", "./", "../")) or bool(_SCHEME.match(specifier))


def covers_platform(address: Address, own: frozenset[str]) -> bool:
    """Whether a URL used as a key could change what the platform's own files, those of every app, are or import.

    ``own`` are the origins that pages are served from; a relative address is on each of them.
    """
    if address.origin and address.origin not in own:
        return False
    # A browser compares character by character; a percent-encoded "a" is another path there, but no server's.
    path = address.path.lower()
    return "%" in path or path.startswith("/a/") or (path.endswith("/") and "/a/".startswith(path))


def package_directory(address: Address, level: int) -> str:
    """Return the folder that holds a module (``level`` 1), or its parent (2), and so on, never above the root."""
    folders = address.path.split("/")[1:-1]
    kept = folders[: max(0, len(folders) - (level - 1))]
    path = "/".join(["", *kept, ""])
    if address.origin or address.text.startswith("/"):
        return f"{address.origin}{path}"
    # Relative to the page: what it begins with stays, and what is taken away cannot be more than what follows.
    lead = re.match(r"(?:\.{1,2}/)+", address.text)
    return f"{lead[0] if lead else './'}{path.lstrip('/')}"


def _path_only(text: str) -> str:
    return re.split(r"[?#]", text, maxsplit=1)[0]


def _resolved(path: str) -> str:
    """Return a path from the root, with its dot segments resolved as the URL Standard does it."""
    segments: list[str] = []
    parts = (path if path.startswith("/") else f"/{path}").split("/")
    for number, segment in enumerate(parts):
        last = number == len(parts) - 1
        match _DOTS.get(segment.lower()):
            case "..":
                if len(segments) > 1:
                    segments.pop()
                if last:
                    segments.append("")
            case ".":
                if last:
                    segments.append("")
            case _:
                segments.append(segment)
    return "/".join(segments) if len(segments) > 1 else "/"
