"""Everything together: parts opened in their order, and every route."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from portico.host.api_first import ApiFirst
from portico.host.assembly.answers import enclosed, favicon, gone, nothing_here, published, store_unavailable
from portico.host.assembly.api import Api, open_api
from portico.host.assembly.channel import app_names, live_releases, misfits
from portico.host.assembly.identity import Identity, identity_routes, open_identity
from portico.host.assembly.streams import open_live, open_push
from portico.host.channel_document import ChannelDocument
from portico.host.config import HostConfig
from portico.host.diagnoses import host_diagnoses
from portico.host.document import PageDocument
from portico.host.flag_subject import FlagSubject
from portico.host.health import health_routes
from portico.host.live import PATH as LIVE_PATH
from portico.host.live import Live, LiveEndpoint
from portico.host.offline import Offline
from portico.host.overrides import HandOver, OverrideCookie, OverrideEndpoint, Setting, rules_of
from portico.host.overrides.described import PATHS as OVERRIDE_PATHS
from portico.host.peers import Peers
from portico.host.prepare import open_manifest
from portico.host.provider import open_provider
from portico.host.rum import Counts, RumEndpoint
from portico.host.security_diagnoses import security_diagnoses
from portico.host.session import Seal
from portico.host.session.diagnosis import issuer_diagnosis
from portico.host.shell import Shell
from portico.host.static import platform_assets
from portico.host.views import Views
from portico.host.visitors import VisitorCookie
from portico.host.well_known import well_known_routes
from portico.manifest import Manifest, deployer_routes
from portico.manifest.diagnosis import Diagnose
from portico.manifest.sources import Sources
from portico.problem import exception_handlers
from portico.sql import StoreUnavailable

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


async def assemble(
    config: HostConfig, stack: AsyncExitStack, *, on_drain: Callable[[Callable[[], None]], None]
) -> ASGIApp:
    """The application that answers every request; `stack` closes its parts, `on_drain` is told how to drain it."""
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    platform = platform_assets()
    manifest = await stack.enter_async_context(await open_manifest(config))
    provider, provider_routes = await open_provider(config, stack)
    identity = await open_identity(config, provider, manifest, stack)
    overrides = OverrideCookie(Seal.open(config.key_file("overrides")), time.time, secure=config.is_secure)
    rules, visitors = rules_of(config), VisitorCookie(secure=config.is_secure)
    views = Views(manifest, visitors=visitors, overrides=overrides, rules=rules, check=partial(misfits, manifest))
    api = await open_api(config, provider, stack, identity=identity, manifest=manifest, views=views)
    live = await open_live(config, identity, manifest, stack)
    on_drain(live.drain)
    push = await open_push(config, identity, stack)
    await api.directory.start_mounted()
    sign_in, base_url = identity.sign_in, config.base_url
    setting = Setting(overrides, rules, check=views.faults, audit=sign_in.audit)
    hand_over = HandOver(overrides, rules, setting, base_url=base_url, identify=sign_in.identify)
    own_versions = OverrideEndpoint(overrides, rules, setting, base_url=base_url, identify=sign_in.identify)
    deployer = deployer_routes(
        manifest,
        platform=platform,
        imd=config.imd,
        subject=FlagSubject(look_up=sign_in.sessions.look_up, visitors=visitors),
        diagnose=_diagnoses(config, identity, manifest, api, live),
        sources=Sources(config.release_origins),
        paths=OVERRIDE_PATHS,
    )
    document = PageDocument(
        platform, form_targets=frozenset({_origin(provider.issuer)}), load_timeout_ms=config.load_timeout_ms
    )
    shell = Shell(view=views.page, identify=sign_in.identify, document=document, audit=sign_in.audit)
    return _application(
        config,
        api.gateway,
        [
            *_live_routes(config, identity, live),
            *_host_routes(config, identity, manifest, api),
            *identity_routes(config, identity, manifest),
            *provider_routes,
            *Offline(view=views.kept, identify=sign_in.identify, document=document, platform=platform).routes,
            *ChannelDocument(view=views.page, identify=sign_in.identify, document=document).routes,
            *push.routes,
            *_rum_routes(config, manifest),
            *hand_over.routes,
            _nothing_below("/_portico"),
            *own_versions.routes,
            *deployer,
            _nothing_below("/deploy"),
            _nothing_below("/imd"),
            Route("/{path:path}", shell.page, methods=["GET"]),
        ],
    )


def _application(config: HostConfig, gateway: ASGIApp, routes: list[BaseRoute]) -> ASGIApp:
    handlers = {**exception_handlers, StoreUnavailable: store_unavailable, ClientDisconnect: gone}
    app = Starlette(routes=routes, exception_handlers=handlers)
    # A path with a slash too many is another path: the shell answers it, as it answers every other.
    app.router.redirect_slashes = False
    return enclosed(ApiFirst(_answering_errors(gateway, handlers), app), config)


def _answering_errors(app: ASGIApp, handlers: Mapping[Any, Any]) -> ASGIApp:
    """The application with its errors answered as Starlette answers those of routes."""
    expected = {kind: handler for kind, handler in handlers.items() if kind is not Exception}
    return ServerErrorMiddleware(ExceptionMiddleware(app, handlers=expected), handler=handlers[Exception])


def _live_routes(config: HostConfig, identity: Identity, live: Live) -> list[BaseRoute]:
    endpoint = LiveEndpoint(live, base_url=config.base_url, identify=identity.sign_in.sessions.look_up)
    return [Route(LIVE_PATH, endpoint), WebSocketRoute(LIVE_PATH, endpoint)]


def _rum_routes(config: HostConfig, manifest: Manifest) -> Sequence[Route]:
    """What browsers tell of how pages went."""
    return RumEndpoint(
        Counts(),
        base_url=config.base_url,
        peers=Peers(config.trusted_proxies),
        apps=partial(app_names, manifest),
        clock=time.monotonic,
    ).routes


def _host_routes(config: HostConfig, identity: Identity, manifest: Manifest, api: Api) -> list[BaseRoute]:
    """Health, the host's published keys, its icon, and what else is well known."""
    return [
        *health_routes({"manifest": manifest.snapshot, "sessions": partial(identity.database.read, "SELECT 1")}),
        Route("/.well-known/jwks.json", published(api.keys)),
        Route("/favicon.svg", favicon),
        *well_known_routes(config, time.time),
    ]


def _diagnoses(config: HostConfig, identity: Identity, manifest: Manifest, api: Api, live: Live) -> Diagnose:
    return host_diagnoses(
        api.directory,
        live=partial(live_releases, manifest),
        hub_answers=lambda: live.hub_answers,
        circuit_of=lambda backend: api.breakers.of(backend).state,
        settings=security_diagnoses(config),
        issuer=None if config.provider is None else partial(issuer_diagnosis, identity.sign_in.provider),
    )


def _nothing_below(prefix: str) -> Route:
    return Route(f"{prefix}/{{path:path}}", nothing_here, methods=_METHODS)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
