"""What modules hosted elsewhere, and the scopes that come with them, may not do: stand in for what is deployed here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from portico.manifest.app_manifest import RESERVED_SCOPE, package_of
from portico.manifest.errors import Finding
from portico.manifest.specifiers import is_bare
from portico.manifest.well_formed import pointer

if TYPE_CHECKING:
    from portico.manifest.channel_index import ChannelIndex

_FILES = "/a/"
"""Below it are the files of all releases and of the platform."""
_HERE = "https://here.invalid"


def external_findings(index: ChannelIndex, specifiers: Iterable[str]) -> list[Finding]:
    """Return what is wrong with these specifiers of modules hosted elsewhere, as places in an import map."""
    refused = ((specifier, _why_not(index, specifier)) for specifier in sorted(specifiers))
    return [Finding(pointer("imports", specifier), why) for specifier, why in refused if why is not None]


def check_scopes(scopes: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Return the scopes that would change what the files deployed here import, as places in an import map."""
    return [
        Finding(
            pointer("scopes", scope),
            "would change what deployed apps import; name a folder of another origin by its whole URL",
        )
        for scope in sorted(scopes)
        if _covers_files(scope)
    ]


def _why_not(index: ChannelIndex, specifier: str) -> str | None:
    package = package_of(specifier)
    if not specifier or not is_bare(specifier):
        return "only bare specifiers can be given to modules hosted elsewhere"
    if package in index.platform_packages or specifier.startswith(RESERVED_SCOPE):
        return f"{package!r} is the platform's own"
    if (app := index.app_named(package)) is not None:
        return f"{package!r} is the app {app}, which is deployed by its releases"
    if copies := index.providers(package):
        return f"{package!r} is shared by {index.at(next(iter(copies)))[0].name}, which is deployed by its releases"
    return None


def _covers_files(scope: str) -> bool:
    """Tell whether some file below ``/a/`` may be in the scope; one that is relative to a page's URL may."""
    if not scope.startswith("/") and ":" not in scope.partition("/")[0]:
        return True
    try:
        url = urlsplit(urljoin(f"{_HERE}/page", scope))
    except ValueError:
        return True
    if url.netloc and f"{url.scheme}://{url.netloc}" != _HERE:
        return url.path.startswith(_FILES)
    return url.path.startswith(_FILES) or (_FILES.startswith(url.path or "/") and (url.path or "/").endswith("/"))
