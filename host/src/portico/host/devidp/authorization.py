"""An authorization request, checked. Pure: no I/O, no clock.

Sources: OpenID Connect Core 3.1.2, RFC 7636 (PKCE), RFC 9207 (`iss` in the response), RFC 9700 (security practice).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from portico.host.devidp.config import DevClient, DevProviderConfig
from portico.host.devidp.errors import PageRefusal, RedirectRefusal
from portico.host.devidp.parameters import Parameters
from portico.host.devidp.resources import is_allowed

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256
_PROMPTS = frozenset({"none", "login", "select_account", "consent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAddress:
    """Where an answer may go: a registered redirect URI of a known client, and the state to give back."""

    client: DevClient
    redirect_uri: str
    state: str | None

    def with_answer(self, issuer: str, **answer: str) -> str:
        """The redirect URI with `answer`, the state, and `iss`."""
        answer["iss"] = issuer
        if self.state is not None:
            answer["state"] = self.state
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(answer)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What a client asks for."""

    address: ReturnAddress
    scope: str
    code_challenge: str
    nonce: str | None
    prompts: frozenset[str]
    login_hint: str | None
    max_age: int | None

    def accepts_login_of(self, age: float) -> bool:
        """Whether a sign-in that is `age` seconds old will do without asking again."""
        return not self.prompts & {"login", "select_account"} and (self.max_age is None or age <= self.max_age)


def return_address(parameters: Parameters, config: DevProviderConfig) -> ReturnAddress:
    """Where to answer; raises PageRefusal unless the client is known and the redirect URI is exactly one of its own."""
    client = config.client(parameters.get("client_id", ""))
    if client is None:
        raise PageRefusal("This application is not registered here (client_id).")
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri not in client.redirect_uris:
        raise PageRefusal("This application has not registered the address it wants the answer at (redirect_uri).")
    return ReturnAddress(client=client, redirect_uri=redirect_uri, state=parameters.get("state"))


def authorization_request(parameters: Parameters, address: ReturnAddress) -> AuthorizationRequest:
    """The request, complete and sound; raises RedirectRefusal."""
    for name in ("request", "request_uri"):
        if name in parameters:
            raise RedirectRefusal(f"{name}_not_supported", f"{name} is not supported")
    if parameters.get("response_type") != "code":
        raise RedirectRefusal("unsupported_response_type", "response_type must be code")
    if parameters.get("response_mode", "query") != "query":
        raise RedirectRefusal("invalid_request", "response_mode must be query")
    scope = parameters.get("scope", "")
    if "openid" not in scope.split():
        raise RedirectRefusal("invalid_scope", "scope must contain openid")
    if parameters.get("code_challenge_method") != "S256":
        raise RedirectRefusal("invalid_request", "PKCE with code_challenge_method=S256 is required")
    challenge = parameters.get("code_challenge", "")
    if not _CHALLENGE.fullmatch(challenge):
        raise RedirectRefusal("invalid_request", "code_challenge must be the base64url of a SHA-256")
    resources = parameters.get("resource", "").split()
    if not all(is_allowed(resource, address.client) for resource in resources):
        raise RedirectRefusal("invalid_target", "this client gets no tokens for that resource")
    return AuthorizationRequest(
        address=address,
        scope=scope,
        code_challenge=challenge,
        nonce=parameters.get("nonce"),
        prompts=_prompts(parameters.get("prompt", "")),
        login_hint=parameters.get("login_hint"),
        max_age=_max_age(parameters.get("max_age")),
    )


def _prompts(text: str) -> frozenset[str]:
    prompts = frozenset(text.split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise RedirectRefusal("invalid_request", "prompt is none, or any of login, select_account and consent")
    return prompts


def _max_age(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise RedirectRefusal("invalid_request", "max_age is a number of seconds")
    return int(text)
