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
