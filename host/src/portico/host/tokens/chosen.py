"""Who issues the tokens for BFFs, as PORTICO_BFF_TOKENS says; and what BFFs must know to verify them."""

from __future__ import annotations

from portico.host.clock import Clock
from portico.host.config import HostConfig, ProviderConfig
from portico.host.tokens.cache import CachedTokens
from portico.host.tokens.from_provider import ExchangedTokens, ProviderTokens, ResourceTokens
from portico.host.tokens.keys import Signer
from portico.host.tokens.signed import SignedTokens
from portico.host.tokens.source import Issuer

_ALGORITHMS = "ES256,ES384,ES512,RS256,RS384,RS512,PS256,PS384,PS512,Ed25519"  # whatever the provider's keys are


def token_source(config: HostConfig, keys: Signer, provider: ProviderTokens, clock: Clock) -> CachedTokens:
    """The tokens that the gateway attaches, kept for the calls to come."""
    issuer: Issuer
    match config.bff_tokens:
        case "resource":
            issuer = ResourceTokens(provider)
        case "exchange":
            issuer = ExchangedTokens(provider)
        case _:
            issuer = SignedTokens(keys, config.base_url, clock)
    return CachedTokens(issuer, clock)


def verification_settings(config: HostConfig, provider: ProviderConfig) -> dict[str, str]:
    """The settings by which a BFF verifies the tokens that this host attaches."""
    if config.bff_tokens == "host":
        return {"PORTICO_ISSUER": config.base_url, "PORTICO_JWKS_URL": config.jwks_url}
    # Without PORTICO_JWKS_URL the BFF finds the keys by the issuer's discovery document.
    return {
        "PORTICO_ISSUER": provider.issuer,
        "PORTICO_TOKEN_ALGORITHMS": _ALGORITHMS,
        "PORTICO_ROLES_CLAIM": provider.roles_claim,
        "PORTICO_TENANT_CLAIM": provider.tenant_claim,
    }
