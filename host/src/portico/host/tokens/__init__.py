"""Tokens for BFFs: signed by the host, or had from the provider; and the keys that the host signs with."""

from portico.host.tokens.cache import CachedTokens
from portico.host.tokens.errors import SessionOver, TokenUnavailable
from portico.host.tokens.keys import ALGORITHM, HostKeys, Signer
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
    "SessionOver",
    "SignedTokens",
    "Signer",
    "TokenSource",
    "TokenUnavailable",
]
