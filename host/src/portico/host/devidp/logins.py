"""Who is signed in at the provider, and the codes they were given. In memory: a restart asks people again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_urlsafe

from portico.host.clock import Clock
from portico.host.devidp.authorization import AuthorizationRequest

_LOGINS = 1_000
_CODES = 10_000


@dataclass(frozen=True, slots=True)
class Login:
    """One browser's sign-in. `sid` names it to clients; the cookie holds another, secret id."""

    sub: str
    sid: str
    at: int


class Logins:
    """Sign-ins by the secret in the provider's cookie; the longest unused are forgotten beyond a thousand."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_secret: OrderedDict[str, Login] = OrderedDict()

    def begin(self, sub: str) -> tuple[str, Login]:
        """Sign someone in: a new secret for the cookie, whatever the browser held before."""
        secret = token_urlsafe(32)
        self._by_secret[secret] = login = Login(sub, token_urlsafe(16), int(self._clock()))
        if len(self._by_secret) > _LOGINS:
            self._by_secret.popitem(last=False)
        return secret, login

    def of(self, secret: str | None) -> Login | None:
        """The sign-in behind a cookie."""
        login = self._by_secret.get(secret or "")
        if login is not None and secret is not None:
            self._by_secret.move_to_end(secret)
        return login

    def end(self, secret: str | None) -> None:
        """Sign out."""
        self._by_secret.pop(secret or "", None)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    client_id: str
    redirect_uri: str
    code_challenge: str
    nonce: str | None
    scope: str
    login: Login


@dataclass(slots=True)
class _Issued:
    grant: Grant
    expires_at: float
    family: str = field(default_factory=lambda: token_urlsafe(16))
    used: bool = False


class Codes:
    """Authorization codes: good once, for a short time. They are kept as digests."""

    def __init__(self, clock: Clock, lifetime: int) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._issued: OrderedDict[str, _Issued] = OrderedDict()

    def issue(self, request: AuthorizationRequest, login: Login) -> str:
        """A new code for this request."""
        address = request.address
        grant = Grant(
            address.client.client_id, address.redirect_uri, request.code_challenge, request.nonce, request.scope, login
        )
        code = token_urlsafe(32)
        self._issued[_digest(code)] = _Issued(grant, self._clock() + self._lifetime)
        if len(self._issued) > _CODES:
            self._issued.popitem(last=False)
        return code

    def redeem(self, code: str) -> tuple[Grant | None, str | None]:
        """The grant of a code, used up by this call, and the id of the refresh family that belongs to it.

        A second call gets no grant but the same family: what the code has given out must end (RFC 6749, 4.1.2).
        """
        issued = self._issued.get(_digest(code))
        if issued is None:
            return None, None
        if issued.used or self._clock() >= issued.expires_at:
            return None, issued.family
        issued.used = True
        return issued.grant, issued.family


def _digest(code: str) -> str:
    return sha256(code.encode()).hexdigest()
