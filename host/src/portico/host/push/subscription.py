"""A browser's subscription, as its Push API gives it (W3C Push API, `PushSubscription.toJSON()`)."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from portico.host.push.hosts import PushHosts
from portico.problem import FieldError, Problem, decoded

_LONGEST = 1024
_AUTH_BYTES = 16
_POINT = (65, 4)  # bytes of an uncompressed point, and the first of them (SEC 1, 2.3.3; RFC 8291, 3.1)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")


class Keys(msgspec.Struct, frozen=True):
    """The browser's public key and secret for the encryption (RFC 8291), in base64url."""

    p256dh: str
    auth: str


class Subscription(msgspec.Struct, frozen=True):
    """Where to send to one browser, and how to encrypt for it. Its fields are secrets of the person."""

    endpoint: str
    keys: Keys

    @property
    def id(self) -> str:
        """The same for the same browser, and says nothing of it."""
        return sha256(self.endpoint.encode()).hexdigest()

    def __repr__(self) -> str:
        """Endpoints stay out of logs."""
        return f"Subscription({self.id[:8]})"


def read_subscription(body: bytes, hosts: PushHosts) -> Subscription:
    """The subscription in a request's body; raises a 422 problem, or what msgspec raises."""
    subscription = decoded(body, Subscription)
    if len(subscription.endpoint) > _LONGEST or not hosts.allow(subscription.endpoint):
        raise Problem(
            "push-service-refused",
            status=422,
            title="Unknown push service",
            detail="The endpoint is not one of the push services in PORTICO_PUSH_HOSTS.",
        )
    for name, text, is_sound in (
        ("p256dh", subscription.keys.p256dh, _is_point),
        ("auth", subscription.keys.auth, _is_secret),
    ):
        try:
            sound = _BASE64URL.fullmatch(text) is not None and is_sound(
                base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            )
        except (binascii.Error, ValueError):
            sound = False
        if not sound:
            raise Problem.invalid([FieldError(f"/keys/{name}", "not a key of the Push API")])
    return subscription


def _is_point(key: bytes) -> bool:
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)  # raises ValueError
    return (len(key), key[0]) == _POINT


def _is_secret(key: bytes) -> bool:
    return len(key) == _AUTH_BYTES
