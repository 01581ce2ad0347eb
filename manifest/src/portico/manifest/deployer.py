"""The manifest deployer: the HTTP application that teams deploy through and pages load their files from."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from portico.manifest.diagnosis import Diagnose, no_diagnoses
from portico.manifest.flags.http import flag_routes
from portico.manifest.flags.ofrep import ofrep_routes
from portico.manifest.flags.subject import SubjectOf
from portico.manifest.http.access import access_routes
from portico.manifest.http.assets import asset_routes
from portico.manifest.http.changes import change_routes
from portico.manifest.http.channel_list import channel_list_routes
from portico.manifest.http.channels import channel_routes
from portico.manifest.http.openapi import openapi_routes
from portico.manifest.http.reads import read_routes
from portico.manifest.http.releases import release_routes
from portico.manifest.http.status import status_routes
from portico.manifest.imd import ImdSettings, imd_routes
from portico.manifest.limits import Limits
from portico.manifest.manifest import Manifest
from portico.manifest.openapi import Paths, described
from portico.manifest.platform_assets import PlatformAssets
from portico.manifest.sources import Sources
from portico.problem import exception_handlers


def deployer_routes(
    manifest: Manifest,
    *,
    platform: PlatformAssets | None = None,
    limits: Limits | None = None,
    sources: Sources | None = None,
    diagnose: Diagnose = no_diagnoses,
    imd: ImdSettings | None = None,
    subject: SubjectOf | None = None,
    paths: Paths | None = None,
) -> list[BaseRoute]:
    """Return the deployer's routes, for an application that has ``portico.problem``'s exception handlers.

    With ``imd``, import-map-deployer's API is there too, below ``/imd``. ``subject`` says who is in front of a browser;
    without it flags are evaluated for bearers of a deploy token alone. ``paths`` are
    those of the host itself, for the OpenAPI document.
    """
    routes: list[BaseRoute] = [
        *asset_routes(manifest, platform),
        *read_routes(manifest),
        *openapi_routes(paths),
        *release_routes(manifest, limits or Limits(), sources or Sources()),
        *status_routes(manifest, diagnose),
        *channel_list_routes(manifest),
        *channel_routes(manifest),
        *change_routes(manifest),
        *access_routes(manifest),
        *flag_routes(manifest),
        *ofrep_routes(manifest, subject),
        *(imd_routes(manifest, imd) if imd else ()),
    ]
    return described(routes)  # a query parameter below /deploy is taken only when the OpenAPI document has it


def create_deployer(
    manifest: Manifest,
    *,
    platform: PlatformAssets | None = None,
    limits: Limits | None = None,
    sources: Sources | None = None,
    imd: ImdSettings | None = None,
) -> Starlette:
    """Return the deployer as an application of its own. Who opened ``manifest`` closes it."""
    app = Starlette(
        routes=deployer_routes(manifest, platform=platform, limits=limits, sources=sources, imd=imd),
        exception_handlers=exception_handlers,
    )
    app.router.redirect_slashes = False  # a URL that is nearly right is not found, rather than somewhere else
    return app
