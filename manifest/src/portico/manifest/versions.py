"""Versions and npm ranges (https://docs.npmjs.com/cli/configuring-npm/package-json#dependencies), by node-semver."""

from functools import lru_cache

from nodesemver import make_range, make_semver  # type: ignore[import-untyped]
from nodesemver import satisfies as _satisfies


class InvalidRange(ValueError):
    """Not a range that npm would read."""


@lru_cache(maxsize=1024)
def check_range(wanted: str) -> None:
    """Raise ``InvalidRange`` unless ``wanted`` is an npm version range (``^1.2.0``, ``1.x || >=2.5.0 <3``)."""
    try:
        make_range(wanted, False)
    except ValueError as error:
        raise InvalidRange(f"{wanted!r} is not an npm version range") from error


@lru_cache(maxsize=4096)
def satisfies(version: str, wanted: str) -> bool:
    """Tell whether ``version`` lies in the range, by npm's rules (a pre-release only where the range names one)."""
    return bool(_satisfies(make_semver(version, False).version, wanted, False))


@lru_cache(maxsize=4096)
def precedence(version: str) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]:
    """Return a key that sorts versions by precedence (Semantic Versioning 2.0.0, 11); build metadata does not count."""
    core, _, before = version.partition("+")[0].partition("-")
    major, minor, patch = (int(number) for number in core.split("."))
    parts = tuple((not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in before.split("."))
    return (major, minor, patch), not before, parts if before else ()
