"""Which client calls: proven by its secret (RFC 6749, 2.3.1)."""

from __future__ import annotations

import base64
from hmac import compare_digest
from urllib.parse import unquote_plus

from starlette.requests import Request

from portico.host.devidp.config import DevClient, DevProviderConfig
from portico.host.devidp.errors import TokenRefusal
from portico.host.devidp.parameters import Parameters


def authenticated_client(request: Request, form: Parameters, config: DevProviderConfig) -> DevClient:
    """The client, by exactly one of client_secret_basic and client_secret_post; raises TokenRefusal (401)."""
    basic = _basic(request.headers.get("authorization"))
    posted = (form.get("client_id", ""), form["client_secret"]) if "client_secret" in form else None
    credentials = basic or posted
    if credentials is not None and not (basic and posted):
        client_id, secret = credentials
        client = config.client(client_id)
        if client is not None and compare_digest(client.client_secret.encode(), secret.encode()):
            return client
    raise TokenRefusal("invalid_client", "the client is unknown or its secret is wrong", status=401)


def _basic(header: str | None) -> tuple[str, str] | None:
    """Id and secret, form-encoded inside Basic (RFC 6749, 2.3.1)."""
    scheme, _, value = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    return unquote_plus(client_id), unquote_plus(secret)
