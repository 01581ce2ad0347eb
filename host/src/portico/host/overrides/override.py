"""What a developer has put in place of what is live, as frozen values."""

from __future__ import annotations

import msgspec

MOST = 20
"""How many apps one session may override."""


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One app's own version: a published release by its digest, or the URL of an entry module; exactly one of them."""

    release: str | None = None
    url: str | None = None


class Overrides(msgspec.Struct, frozen=True):
    """The overrides of one session, by the apps' full names (`@team/app`), until `expires_at` (seconds, epoch)."""

    apps: dict[str, Override] = {}
    expires_at: int = 0

    def __bool__(self) -> bool:
        """Whether anything is overridden."""
        return bool(self.apps)

    @property
    def releases(self) -> dict[str, str]:
        """Short name of an app to the digest of the release that takes its place."""
        return {_short(name): one.release for name, one in self.apps.items() if one.release is not None}

    @property
    def urls(self) -> dict[str, str]:
        """Short name of an app to the URL that its entry is loaded from."""
        return {_short(name): one.url for name, one in self.apps.items() if one.url is not None}


NONE = Overrides()
"""What everybody has who overrides nothing."""


def _short(name: str) -> str:
    return name.partition("/")[2]
