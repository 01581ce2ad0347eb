"""The manifest deployer: the HTTP application that teams deploy through and pages load their files from."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from portico.manifest.http_assets import asset_routes
from portico.manifest.http_channels import channel_routes
from portico.manifest.http_openapi import openapi_routes
from portico.manifest.http_reads import read_routes
from portico.manifest.http_releases import release_routes
from portico.manifest.limits import Limits
from portico.manifest.manifest import Manifest
from portico.manifest.openapi import described
from portico.manifest.platform_assets import PlatformAssets
from portico.problem import exception_handlers


def deployer_routes(
    manifest: Manifest, *, platform: PlatformAssets | None = None, limits: Limits | None = None
) -> list[BaseRoute]:
    """Return the deployer's routes, for an application that has ``portico.problem``'s exception handlers."""
    routes: list[BaseRoute] = [
        *asset_routes(manifest, platform),
        *read_routes(manifest),
        *openapi_routes(),
        *release_routes(manifest, limits or Limits()),
        *channel_routes(manifest),
    ]
    return described(routes)  # a query parameter below /deploy is taken only when the OpenAPI document has it


def create_deployer(
    manifest: Manifest, *, platform: PlatformAssets | None = None, limits: Limits | None = None
) -> Starlette:
    """Return the deployer as an application of its own. Who opened ``manifest`` closes it."""
    app = Starlette(
        routes=deployer_routes(manifest, platform=platform, limits=limits),
        exception_handlers=exception_handlers,
    )
    app.router.redirect_slashes = False  # a URL that is nearly right is not found, rather than somewhere else
    return app
