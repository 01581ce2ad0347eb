"""What the development provider is told: its address, its people, its clients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from portico.host.config import is_loopback
from portico.host.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class DevPerson:
    """Someone to sign in as. `about` is a line for the page; `sub` is their id for ever."""

    sub: str
    name: str
    roles: tuple[str, ...] = ()
    about: str = ""
    email: str | None = None
    tenant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DevClient:
    """A confidential client. URIs are compared as whole strings (RFC 9700, 2.1).

    `resources` are whom it gets tokens for besides the provider (RFC 8707, RFC 8693): whole URIs, or beginnings with a
    `*` after them. `backchannel_logout_uri` is told when a sign-in that it had a part in ends.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DevProviderConfig:
    """The provider's settings; durations are seconds.

    Anyone who reaches this provider can sign in as anyone, so it wants an issuer and a listening `address` on
    loopback, unless told otherwise twice: by `allow_other_addresses` and by `accept_that_anyone_can_sign_in`.
    Refresh grants live in `data_dir`, or nowhere lasting without one.
    """

    issuer: str
    people: Sequence[DevPerson]
    clients: Sequence[DevClient]
    address: str = "127.0.0.1"
    data_dir: Path | None = None
    allow_other_addresses: bool = False
    accept_that_anyone_can_sign_in: bool = False
    code_lifetime: int = 60
    token_lifetime: int = 300
    refresh_lifetime: int = 14 * 86_400

    def __post_init__(self) -> None:
        """Refuse what is unsafe or cannot work."""
        issuer = urlsplit(self.issuer)
        if issuer.scheme not in {"http", "https"} or not issuer.hostname or issuer.query or issuer.fragment:
            raise ConfigurationError(f"The development provider's issuer must be a URL, not {self.issuer!r}")
        outside = [host for host in (issuer.hostname, self.address) if not is_loopback(host)]
        if outside and not (self.allow_other_addresses and self.accept_that_anyone_can_sign_in):
            raise ConfigurationError(
                f"The development provider lets anyone sign in as anyone and must not be reachable at {outside[0]}. "
                "Use a real OpenID provider, or set both allow_other_addresses and accept_that_anyone_can_sign_in."
            )
        _unique("person", [person.sub for person in self.people])
        _unique("client", [client.client_id for client in self.clients])
        if not self.people:
            raise ConfigurationError("The development provider needs at least one person")
        object.__setattr__(self, "issuer", self.issuer.rstrip("/"))

    @property
    def origin(self) -> str:
        """Scheme, host and port of the issuer."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """The path that the provider's cookie is confined to."""
        return urlsplit(self.issuer).path or "/"

    def person(self, sub: str) -> DevPerson | None:
        """The person with this id."""
        return next((person for person in self.people if person.sub == sub), None)

    def client(self, client_id: str) -> DevClient | None:
        """The client with this id."""
        return next((client for client in self.clients if client.client_id == client_id), None)


def _unique(what: str, ids: Sequence[str]) -> None:
    if len(set(ids)) != len(ids) or not all(ids):
        raise ConfigurationError(f"Every {what} of the development provider needs an id of its own: {sorted(ids)}")
