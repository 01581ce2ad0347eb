"""What a developer has put in place of what is live, as frozen values."""

from __future__ import annotations

import msgspec

MOST = 20
"""How many apps one session may override."""


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """One app's own version: a published release by its digest, or the URL of an entry module; not both.

    With `own_styles` the module at `url` brings its style sheets itself, and the live release's are left out. `bff` is
    the origin that this session's calls of the app's API go to; it may stand alone.
    """

    release: str | None = None
    url: str | None = None
    own_styles: bool = False
    bff: str | None = None


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

    @property
    def unstyled(self) -> frozenset[str]:
        """Short names of apps that bring their style sheets themselves."""
        return frozenset(_short(name) for name, one in self.apps.items() if one.url is not None and one.own_styles)

    @property
    def bffs(self) -> dict[str, str]:
        """Short name of an app to the origin of its own BFF."""
        return {_short(name): one.bff for name, one in self.apps.items() if one.bff is not None}


NONE = Overrides()
"""What everybody has who overrides nothing."""


def _short(name: str) -> str:
    return name.partition("/")[2]
