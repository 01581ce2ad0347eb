"""A provider that says what the test wants, true or not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from host.tests.identity_world import CLIENT, ISSUER, TestClock


def segment(value: dict[str, Any] | bytes) -> str:
    """One part of a compact JWS."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(header: dict[str, Any], claims: dict[str, Any], key: Key) -> str:
    """A token with a good signature, whatever its header says: the library would refuse to write some."""
    start = f"{segment(header)}.{segment(claims)}"
    return f"{start}.{segment(JWSRegistry.algorithms[header['alg']].sign(start.encode(), key))}"


@dataclass
class ScriptedProvider:
    """Answers like an honest provider; every part of the answer can be replaced.

    `nonce` must be set to what the host sent. `forge` makes the id_token from header, claims and key.
    """

    clock: TestClock
    key: Key = field(default_factory=lambda: ECKey.generate_key("P-256", auto_kid=True))
    nonce: str = ""
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    jwks: dict[str, Any] | None = None
    token_answer: dict[str, Any] = field(default_factory=dict)
    token_status: int = 200
    userinfo: dict[str, Any] = field(default_factory=dict)
    forge: Callable[[dict[str, Any], dict[str, Any], Key], str] | None = None
    redeemed: dict[str, str] = field(default_factory=dict)
    redeemed_with: str | None = None

    def app(self) -> Starlette:
        """The provider at `ISSUER`."""
        return Starlette(
            routes=[
                Route("/idp/.well-known/openid-configuration", self._discovery),
                Route("/idp/jwks", self._jwks),
                Route("/idp/token", self._token, methods=["POST"]),
                Route("/idp/userinfo", self._userinfo),
            ]
        )

    def id_token(self) -> str:
        header = {"alg": "ES256", "kid": self.key.kid, "typ": "JWT"} | self.header
        now = int(self.clock())
        claims = {
            "iss": ISSUER,
            "aud": CLIENT.client_id,
            "sub": "ada",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "name": "Ada",
            "roles": ["editor"],
        } | self.claims
        header, claims = ({k: v for k, v in part.items() if v is not None} for part in (header, claims))
        return (self.forge or signed)(header, claims, self.key)

    async def _discovery(self, _request: Request) -> Response:
        document = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
        } | self.metadata
        return JSONResponse({name: value for name, value in document.items() if value is not None})

    async def _jwks(self, _request: Request) -> Response:
        return JSONResponse(self.jwks or {"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        self.redeemed = {name: str(value) for name, value in form.items()}
        self.redeemed_with = request.headers.get("authorization")
        answer = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": self.id_token()}
        answer |= self.token_answer
        return JSONResponse({name: value for name, value in answer.items() if value is not None}, self.token_status)

    async def _userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer opaque"
        return JSONResponse(self.userinfo)
