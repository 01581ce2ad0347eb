"""What sessions are told: where people reach the host, which provider signs them in, how long they stay."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from portico.host.config import ProviderConfig, is_loopback
from portico.host.errors import ConfigurationError

CALLBACK_PATH = "/auth/callback"
SIGN_IN_PATH = "/auth/sign-in"
SIGN_OUT_PATH = "/auth/sign-out"
BACKCHANNEL_LOGOUT_PATH = "/auth/backchannel-logout"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """Settings of sign-in and sessions; durations are seconds.

    `base_url` is the origin that people see. `resources` are asked for at every sign-in, so that the provider may give
    tokens for them later (RFC 8707).
    """

    base_url: str
    provider: ProviderConfig
    idle: int = 8 * 3600
    absolute: int = 24 * 3600
    resources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse addresses at which cookies or codes would travel unprotected."""
        for what, url in (("base URL", self.base_url), ("provider's issuer", self.provider.issuer)):
            require_protected(what, url)
        if not 0 < self.idle <= self.absolute:
            raise ConfigurationError(
                "PORTICO_SESSION_IDLE_S must be positive and no longer than PORTICO_SESSION_ABSOLUTE_S: "
                f"they are {self.idle} and {self.absolute} seconds"
            )
        if not (self.provider.client_id and (self.provider.client_secret or self.provider.client_key)):
            raise ConfigurationError("The provider's client id and client secret (or client key) must be set")

    @property
    def is_secure(self) -> bool:
        """Whether people reach the host over TLS."""
        return self.base_url.startswith("https:")

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back; to be registered there as it is."""
        return f"{self.base_url}{CALLBACK_PATH}"

    @property
    def post_logout_redirect_uri(self) -> str:
        """Where the provider sends people after signing out; to be registered there as it is."""
        return f"{self.base_url}/"


def require_protected(what: str, url: str) -> None:
    """Raise ConfigurationError unless `url` is https, or http on this machine alone."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
        raise ConfigurationError(f"The {what} must be https (plain http on loopback only), not {url!r}")
