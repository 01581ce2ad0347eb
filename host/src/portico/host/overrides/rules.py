"""Who may override apps, and from which origins their own versions may come. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from portico.host.config import HostConfig, is_loopback
from portico.host.origins import LOOPBACK_ORIGINS, any_port, origin_of
from portico.host.overrides.override import NONE, Override, Overrides


class HasRoles(Protocol):
    """A person, as far as it matters here."""

    @property
    def roles(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class OverrideRules:
    """`roles`: any of them lets a person override apps. Modules come from `origins`, calls of an app's API may be sent
    to `bff_origins`; either may end in `:*` for every port.
    """

    roles: Collection[str]
    origins: Collection[str]
    bff_origins: Collection[str] = frozenset()

    def may_override(self, person: HasRoles) -> bool:
        """Whether this person may see versions of their own."""
        return not set(self.roles).isdisjoint(person.roles)

    def allows(self, url: str) -> bool:
        """Whether a module may be loaded from this URL."""
        return _among(origin_of(url), self.origins)

    def allows_bff(self, url: str) -> bool:
        """Whether this host may call a developer's own BFF here, with that developer's token: a bare origin."""
        origin = origin_of(f"{url}/")
        return origin == url and _among(origin, self.bff_origins)

    def applicable(self, overrides: Overrides, person: HasRoles) -> Overrides:
        """What is left of overrides that were set under the rules of then, under those of now."""
        if not overrides or not self.may_override(person):
            return NONE
        apps = {name: one for name, one in overrides.apps.items() if self._holds(one)}
        return Overrides(apps, overrides.expires_at)

    def _holds(self, one: Override) -> bool:
        return (one.url is None or self.allows(one.url)) and (one.bff is None or self.allows_bff(one.bff))


def _among(origin: str | None, origins: Collection[str]) -> bool:
    return origin is not None and (origin in origins or any_port(origin) in origins)


def rules_of(config: HostConfig) -> OverrideRules:
    """What the operator's settings say; without any, what listens on this machine, when the host itself does.

    Where people reach the host from elsewhere, its own loopback is not the developer's: nobody may point it there.
    """
    near = LOOPBACK_ORIGINS if is_loopback(urlsplit(config.base_url).hostname or "") else frozenset[str]()
    origins, bffs = config.override_origins, config.override_bff_origins
    return OverrideRules(config.developer_roles, near if origins is None else origins, near if bffs is None else bffs)
