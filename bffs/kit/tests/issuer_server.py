"""A token issuer's published keys on loopback, for BFFs in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bffs.kit.tests.jwks_server import jwks_server
from portico.bff.testing.tokens import TokenIssuer


@contextmanager
def published_keys(issuer: TokenIssuer) -> Iterator[str]:
    """Serve the issuer's keys; gives their URL."""
    with jwks_server(issuer.key_set) as served:
        yield served.url
