"""Settings of the tokens for BFFs: who issues them, and how long a key of the host's signs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast, get_args

from portico.host.errors import ConfigurationError

BffTokens = Literal["host", "resource", "exchange"]
"""Who issues them: the host; the provider, for one resource (RFC 8707); the provider, in exchange (RFC 8693)."""


def bff_tokens(environment: Mapping[str, str]) -> BffTokens:
    """Who issues the tokens for BFFs; raises ConfigurationError."""
    text = environment.get("PORTICO_BFF_TOKENS", "") or "host"
    if text not in get_args(BffTokens):
        raise ConfigurationError(f"PORTICO_BFF_TOKENS is {text!r}; write host, resource or exchange")
    return cast("BffTokens", text)


def token_key_days(environment: Mapping[str, str]) -> int:
    """For how many days a key signs, 0 until it is rotated by hand; raises ConfigurationError."""
    text = environment.get("PORTICO_TOKEN_KEY_DAYS", "") or "30"
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise ConfigurationError(f"PORTICO_TOKEN_KEY_DAYS is {text!r}; write a number of days, for example 30, or 0")
    return int(text)
