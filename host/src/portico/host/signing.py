"""The host's own signing keys, and the tokens it mints for BFFs.

Sources: RFC 7517 (JWK), RFC 9068 (`at+jwt`), RFC 8725 (JWT best practice).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self
from uuid import uuid4

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from portico.host.clock import Clock
from portico.host.errors import ConfigurationError
from portico.host.secretfile import read_or_create

ALGORITHM = "ES256"
LIFETIME_S = 300
"""How long a BFF's token lives, in seconds."""
_REMAINING_S = 60  # a cached token is handed out only while it has at least this long to live
_CACHE_SIZE = 10_000
_HOST_CLIENT = "portico-host"


class HostKeys:
    """ES256 keys: the first signs, all are published.

    Having several lets keys rotate: publish a new one, sign with it once verifiers have seen it, drop the old one once
    nothing it signed is alive.
    """

    def __init__(self, keys: Sequence[ECKey]) -> None:
        if not keys:
            raise ConfigurationError("A key file needs at least one key")
        self._keys = tuple(keys)

    @classmethod
    def generate(cls) -> Self:
        """One new key, kept nowhere."""
        return cls([_generate()])

    @classmethod
    def open(cls, path: Path) -> Self:
        """The keys in the file at `path` (a JWKS with private parts), created with one key when absent.

        Raises:
            ConfigurationError: the file is unreadable, others may read it, or it holds something else than ES256 keys.
        """
        content = read_or_create(path, lambda: msgspec.json.encode({"keys": [_generate().as_dict(private=True)]}))
        try:
            return cls([_private(data) for data in msgspec.json.decode(content)["keys"]])
        except (msgspec.DecodeError, JoseError, KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{path} is not a set of private ES256 keys") from error

    @property
    def kid(self) -> str:
        """The id of the key that signs."""
        return str(self._keys[0].kid)

    def sign(self, claims: dict[str, Any], *, typ: str) -> str:
        """`claims` as a compact JWS of the given `typ`, by the current key."""
        header = {"alg": ALGORITHM, "typ": typ, "kid": self.kid}
        return jwt.encode(header, claims, self._keys[0], algorithms=[ALGORITHM], default_type=None)

    def public_jwks(self) -> dict[str, Any]:
        """The JWK Set to publish: every key, public parts only."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}


def _generate() -> ECKey:
    key = ECKey.generate_key("P-256", parameters={"alg": ALGORITHM, "use": "sig"})
    key.ensure_kid()
    return key


def _private(data: dict[str, Any]) -> ECKey:
    key = ECKey.import_key(data)
    if not key.is_private or key.curve_name != "P-256":
        raise ValueError("not a private P-256 key")
    key.ensure_kid()
    return key


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


class TokenMinter:
    """Mints the short-lived `at+jwt` that the gateway attaches for one BFF.

    Tokens are cached per session (and its version) and audience, so that most calls sign nothing. The cache is no
    authority: who asks for a token has just looked the session up.
    """

    def __init__(self, keys: HostKeys, issuer: str, clock: Clock, *, client_id: str = _HOST_CLIENT) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._client_id = client_id
        self._cache: OrderedDict[tuple[str, int, str], tuple[str, int]] = OrderedDict()

    def token_for(self, identity: Identity, audience: str) -> str:
        """A token for the BFF with this audience (`urn:portico:bff:<app>`), good for 1 to 5 minutes.

        It lives no longer than the session does.
        """
        now = int(self._clock())
        slot = (identity.id, identity.version, audience)
        cached = self._cache.get(slot)
        if cached is not None and cached[1] - now >= _REMAINING_S:
            self._cache.move_to_end(slot)
            return cached[0]
        expires = min(now + LIFETIME_S, int(identity.expires_at))
        token = self._keys.sign(self._claims(identity, audience, now, expires), typ="at+jwt")
        self._cache[slot] = (token, expires)
        self._cache.move_to_end(slot)
        if len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return token

    def _claims(self, identity: Identity, audience: str, now: int, expires: int) -> dict[str, Any]:
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": identity.sub,
            "aud": audience,
            "client_id": self._client_id,
            "iat": now,
            "nbf": now,
            "exp": expires,
            "jti": str(uuid4()),
            "roles": list(identity.roles),
            "scope": "bff",
            "name": identity.name,
        }
        if identity.tenant is not None:
            claims["tenant"] = identity.tenant
        return claims
