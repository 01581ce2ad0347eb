"""What a client sends instead of an archive: the app manifest, and where each file is."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from portico.manifest.app_manifest import FILE_NAME
from portico.manifest.entry_names import NamesTaken, flaw_of
from portico.manifest.errors import Finding, InvalidSource
from portico.manifest.limits import Limits

MAX_URL = 2_000
_INTEGRITY = re.compile(r"sha(?:256-[A-Za-z0-9+/]{43}=|384-[A-Za-z0-9+/]{64}|512-[A-Za-z0-9+/]{86}==)")
_PLAIN = re.compile(r"[!-~]+")


class SourceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its ``path`` in the release, its ``url``, and the ``integrity`` that its bytes must have."""

    path: str
    url: str
    integrity: str | None = None


class SourceListing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The app manifest as an object, and every other file."""

    manifest: dict[str, Any]
    files: list[SourceFile]


def checked(listing: SourceListing, origins: frozenset[str], limits: Limits) -> None:
    """Raise ``InvalidSource`` for every file with a name or URL that is not taken; nothing is fetched before."""
    if len(listing.files) + 1 > limits.files:
        raise InvalidSource(
            [Finding("/files", f"has {len(listing.files)} files; at most {limits.files - 1} are taken")]
        )
    if findings := list(_findings(listing, origins)):
        raise InvalidSource(findings[:20])


def _findings(listing: SourceListing, origins: frozenset[str]) -> Iterator[Finding]:
    taken = NamesTaken()
    taken.take(FILE_NAME)
    for number, file in enumerate(listing.files):
        if flaw := flaw_of(file.path) or taken.take(file.path):
            hint = "; the manifest is sent as manifest" if file.path == FILE_NAME else ""
            yield Finding(f"/files/{number}/path", flaw + hint)
        if flaw := _url_flaw(file.url, origins):
            yield Finding(f"/files/{number}/url", flaw)
        if file.integrity is not None and not _INTEGRITY.fullmatch(file.integrity):
            yield Finding(f"/files/{number}/integrity", "is not one sha256-, sha384- or sha512- digest in base64")


def _url_flaw(url: str, origins: frozenset[str]) -> str | None:
    if not _PLAIN.fullmatch(url) or len(url) > MAX_URL or "\\" in url:
        return f"is not a URL of at most {MAX_URL} plain characters"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "is not a URL"
    if parts.scheme + "://" + parts.netloc.lower() in origins:
        return None
    if not origins:
        return "files are fetched from nowhere here: an operator can allow origins with PORTICO_RELEASE_ORIGINS"
    allowed = ", ".join(sorted(origins))
    return f"{parts.scheme}://{parts.netloc[:100]} is not an origin that files are taken from: {allowed}"
