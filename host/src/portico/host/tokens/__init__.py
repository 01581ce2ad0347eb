"""Tokens for BFFs: signed by the host, or had from the provider; and the keys that the host signs with."""

from portico.host.tokens.cache import CachedTokens
from portico.host.tokens.chosen import token_source, verification_settings
from portico.host.tokens.errors import SessionOver, TokenUnavailable
from portico.host.tokens.keys import ALGORITHM, HostKeys, Signer
from portico.host.tokens.rotating import KeyFile, RotatingKeys
from portico.host.tokens.signed import SignedTokens
from portico.host.tokens.source import AUDIENCE_PREFIX, LIFETIME_S, Identity, Issuer, TokenSource

__all__ = [
    "ALGORITHM",
    "AUDIENCE_PREFIX",
    "LIFETIME_S",
    "CachedTokens",
    "HostKeys",
    "Identity",
    "Issuer",
    "KeyFile",
    "RotatingKeys",
    "SessionOver",
    "SignedTokens",
    "Signer",
    "TokenSource",
    "TokenUnavailable",
    "token_source",
    "verification_settings",
]
