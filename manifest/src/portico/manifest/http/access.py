"""The routes about who may deploy, together."""

from starlette.routing import Route

from portico.manifest.http.audit import audit_routes
from portico.manifest.http.keys import key_routes
from portico.manifest.http.tokens import token_routes
from portico.manifest.http.trust import trust_routes
from portico.manifest.manifest import Manifest


def access_routes(manifest: Manifest) -> list[Route]:
    """Return every route about who may deploy. All of them want a deploy token."""
    return [*token_routes(manifest), *key_routes(manifest), *trust_routes(manifest), *audit_routes(manifest)]
