"""Module specifiers as HTML reads them (https://html.spec.whatwg.org/#resolve-a-module-specifier)."""

import posixpath
from collections.abc import Mapping
from urllib.parse import unquote


def is_relative(specifier: str) -> bool:
    """Tell whether a specifier means a place relative to the module that has it."""
    return specifier.startswith(("./", "../")) or specifier in {".", ".."}


def is_bare(specifier: str) -> bool:
    """Tell whether a specifier is looked up in the map alone: neither relative nor a URL (HTML Standard)."""
    return not is_relative(specifier) and not specifier.startswith("/") and ":" not in specifier.partition("/")[0]


def resolve(path: str, specifier: str) -> str | None:
    """Return the file that a relative specifier in the module at ``path`` means, ``None`` when outside the release."""
    # A query or fragment is kept: such a URL has no integrity in the map, so no file answers to it.
    resolved = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(specifier)))
    return None if resolved == ".." or resolved.startswith("../") else resolved


def key_for(specifier: str, imports: Mapping[str, object]) -> str | None:
    """Return the member of a map's ``imports`` (or of a scope) that a bare specifier is answered by, or ``None``.

    That is the specifier itself, or the longest member ending with a slash that it begins with.
    """
    if specifier in imports:
        return specifier
    end = specifier.rfind("/")
    while end >= 0:
        if (prefix := specifier[: end + 1]) in imports:
            return prefix
        end = specifier.rfind("/", 0, end)
    return None


def mapped(specifier: str, imports: Mapping[str, str]) -> str | None:
    """Return the address that ``imports`` has for a bare specifier, or ``None``."""
    key = key_for(specifier, imports)
    return None if key is None else imports[key] + specifier[len(key) :]
