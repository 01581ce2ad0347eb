"""The host's identity towards push services (VAPID, RFC 8292): one key, made on first start."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, VapidException  # type: ignore[import-untyped]

from portico.host.clock import Clock
from portico.host.errors import ConfigurationError
from portico.host.secretfile import read_or_create

_LIFETIME_S = 12 * 3600  # at most 24 hours (RFC 8292, section 2)
_REMAINING_S = 3600


class VapidKey:
    """Signs requests to push services. `contact` is an https or mailto URL that they may complain to."""

    def __init__(self, key: Vapid02, contact: str, clock: Clock) -> None:
        self._key = key
        self._contact = contact
        self._clock = clock
        self._cache: dict[str, tuple[str, int]] = {}
        public = key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = base64.urlsafe_b64encode(public).rstrip(b"=").decode()
        """What a browser subscribes with, as `applicationServerKey`: base64url."""

    @classmethod
    def open(cls, path: Path, *, base_url: str, clock: Clock) -> Self:
        """The key in the file at `path`, created when absent; raises ConfigurationError."""
        content = read_or_create(path, _new_key)
        try:
            key = Vapid02.from_pem(content)
        except (ValueError, TypeError, VapidException) as error:
            raise ConfigurationError(f"{path} is not a private key") from error
        contact = base_url if base_url.startswith("https:") else "mailto:portico@localhost.localdomain"
        return cls(key, contact, clock)

    def authorization(self, endpoint: str) -> str:
        """The `Authorization` for a request to this endpoint; the same for all of its push service, for hours."""
        parts = urlsplit(endpoint)
        audience, now = f"{parts.scheme}://{parts.netloc}", int(self._clock())
        cached = self._cache.get(audience)
        if cached is None or cached[1] - now < _REMAINING_S:
            expires = now + _LIFETIME_S
            claims = {"aud": audience, "exp": expires, "sub": self._contact}
            cached = self._cache[audience] = (str(self._key.sign(claims)["Authorization"]), expires)
        return cached[0]


def _new_key() -> bytes:
    key = Vapid02()
    key.generate_keys()
    return bytes(key.private_pem())
