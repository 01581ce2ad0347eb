"""The port that the gateway gets tokens by, and what a token says of a person."""

from __future__ import annotations

from typing import Protocol

from portico.host.session.grants import AccessToken

AUDIENCE_PREFIX = "urn:portico:bff:"
"""What the audience of one app's BFF begins with; the app's name follows."""

LIFETIME_S = 300
"""How long a BFF's token lives when the host signs it, in seconds."""


class Identity(Protocol):
    """What a token says of a signed-in person; a session is one."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def sub(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def roles(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def tenant(self) -> str | None: ...  # noqa: D102
    @property
    def version(self) -> int: ...  # noqa: D102
    @property
    def expires_at(self) -> float: ...  # noqa: D102


class Issuer(Protocol):
    """Issues a new token at every call; the cache before it is `CachedTokens`."""

    async def issue(self, identity: Identity, audience: str) -> AccessToken:
        """A new token with exactly this audience (`urn:portico:bff:<app>`).

        Raises TokenUnavailable when nobody can issue it now, SessionOver when nobody will again.
        """


class TokenSource(Protocol):
    """Gives a person's token for one BFF."""

    async def token_for(self, session: Identity, audience: str) -> str:
        """A live access token with exactly this audience; raises as `Issuer.issue`."""
