"""The host's identity towards push services (VAPID, RFC 8292): one ES256 key, made on first start."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

from portico.host.clock import Clock
from portico.host.tokens import HostKeys

_LIFETIME_S = 12 * 3600  # at most 24 hours (RFC 8292, section 2)
_REMAINING_S = 3600


class VapidKey:
    """Signs requests to push services, who may complain to the host's address.

    The key must stay: browsers subscribe with it, and a push service takes requests for them from no other.
    """

    def __init__(self, keys: HostKeys, *, base_url: str, clock: Clock) -> None:
        self._keys = keys
        self._contact = base_url if base_url.startswith("https:") else "mailto:portico@localhost.localdomain"
        self._clock = clock
        self._cache: dict[str, tuple[str, int]] = {}
        self.public = _point(keys)
        """What a browser subscribes with, as `applicationServerKey`: an uncompressed point in base64url."""

    def authorization(self, endpoint: str) -> str:
        """The `Authorization` for a request to this endpoint; the same for all of its push service, for hours."""
        parts = urlsplit(endpoint)
        audience, now = f"{parts.scheme}://{parts.netloc}", int(self._clock())
        cached = self._cache.get(audience)
        if cached is None or cached[1] - now < _REMAINING_S:
            expires = now + _LIFETIME_S
            token = self._keys.sign({"aud": audience, "exp": expires, "sub": self._contact}, typ="JWT")
            cached = self._cache[audience] = (f"vapid t={token}, k={self.public}", expires)
        return cached[0]


def _point(keys: HostKeys) -> str:
    jwk = keys.public_jwks()["keys"][0]
    x, y = (base64.urlsafe_b64decode(jwk[name] + "==") for name in ("x", "y"))
    return base64.urlsafe_b64encode(b"\x04" + x + y).rstrip(b"=").decode()
