"""The host, assembled: the only place where its parts are opened and put together."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from portico.host.audit.endpoint import AuditEndpoint
from portico.host.audit.sweep import swept
from portico.host.bffs import BffDirectory, bff_settings, resources
from portico.host.config import HostConfig
from portico.host.diagnoses import host_diagnoses
from portico.host.document import PageDocument
from portico.host.draining import drained_at_signal
from portico.host.errors import ConfigurationError
from portico.host.flag_subject import FlagSubject
from portico.host.gateway import Breakers, Gateway, MountedBackends, OpenCalls, Rate
from portico.host.gateway.gateway import PREFIX as API_PREFIX
from portico.host.gateway.remote import new_client
from portico.host.health import health_routes
from portico.host.live import PATH as LIVE_PATH
from portico.host.live import Live, LiveEndpoint
from portico.host.lock import folder_lock
from portico.host.misdirected import OwnHostMiddleware
from portico.host.my_sessions import MySessionsEndpoint
from portico.host.offline import Offline
from portico.host.overrides import OverrideCookie, OverrideEndpoint, rules_of
from portico.host.overrides.described import PATHS as OVERRIDE_PATHS
from portico.host.peers import Peers
from portico.host.prepare import open_manifest
from portico.host.provider import open_provider
from portico.host.push import FORGET_SESSION, Push, PushHosts
from portico.host.rate_limits import RateLimitMiddleware
from portico.host.receipt import ReceiptMiddleware
from portico.host.security import SecurityHeadersMiddleware
from portico.host.security_diagnoses import security_diagnoses
from portico.host.session import Seal, SessionSettings, create_sign_in
from portico.host.session_ends import SessionEnds
from portico.host.sessions_database import open_sessions
from portico.host.shell import Shell
from portico.host.static import platform_assets
from portico.host.tokens import HostKeys, KeyFile, RotatingKeys, Signer, token_source
from portico.host.views import Views
from portico.host.visitors import VisitorCookie
from portico.host.well_known import well_known_routes
from portico.manifest import Manifest, Release, Snapshot, deployer_routes
from portico.manifest.sources import Sources
from portico.manifest.validation import check_channel
from portico.problem import Problem, exception_handlers, problem_response
from portico.sql import StoreUnavailable

_logger = logging.getLogger(__name__)

_ICON = Path(__file__).with_name("icon.svg")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(config: HostConfig, *, owns_folder: bool = False, drains_at_signal: bool = False) -> Host:
    """The host as an ASGI application. Nothing is opened before its lifespan starts, and all is closed when it ends.

    The data folder is locked while it runs, unless the caller says that it holds the lock already (`owns_folder`): two
    processes in one folder would each be a development provider of its own, for one. `drains_at_signal` is for servers
    that do not call `Host.drain` when they begin to stop: it is called at SIGTERM and SIGINT then.
    """

    @asynccontextmanager
    async def lifespan(app: Host) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if not owns_folder:
                stack.enter_context(folder_lock(config.data_dir))
            app.assembled = await _assemble(config, stack, on_drain=partial(setattr, app, "when_draining"))
            if drains_at_signal:
                stack.enter_context(drained_at_signal(app.drain))
            yield

    return Host(lifespan=lifespan)


class Host(Starlette):
    """Runs the lifespan, and hands every request to what it has assembled: no layer of Starlette is passed twice."""

    assembled: ASGIApp | None = None
    when_draining: Callable[[], None] | None = None

    def drain(self) -> None:
        """Send everybody on a live stream elsewhere; to be called when the server begins to stop."""
        if self.when_draining is not None:
            self.when_draining()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the lifespan, or answer; raises ConfigurationError for a request before the lifespan began."""
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
        elif self.assembled is None:
            raise ConfigurationError("The host's lifespan has not started; serve it with a server that runs lifespans")
        else:
            await self.assembled(scope, receive, send)


async def _assemble(
    config: HostConfig, stack: AsyncExitStack, *, on_drain: Callable[[Callable[[], None]], None]
) -> ASGIApp:
    config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    assets = platform_assets()
    manifest = await stack.enter_async_context(await open_manifest(config))
    provider, provider_routes = await open_provider(config, stack)
    sessions = await open_sessions(config.sessions_database_url)
    stack.push_async_callback(sessions.close)
    seal = Seal.open(config.key_file("sessions"))
    sign_in = create_sign_in(
        SessionSettings(
            base_url=config.base_url,
            provider=provider,
            idle=config.session_idle_s,
            absolute=config.session_absolute_s,
        ),
        database=sessions,
        seal=seal,
        forget_too=[FORGET_SESSION],
        resources=partial(resources, config, partial(_live_releases, manifest)),
    )
    await stack.enter_async_context(swept(sign_in.audit, config.audit_days))
    ends = SessionEnds(config.nats_url, alive=sign_in.sessions.alive)
    sign_in.sessions.when_ended(ends.tell)
    stack.push_async_callback(ends.stop)
    ends.start()
    keys = RotatingKeys(KeyFile(config.key_file("tokens"), time.time), time.time, days=config.token_key_days)
    client = await stack.enter_async_context(new_client())
    mounted = MountedBackends(partial(bff_settings, config, provider))
    stack.push_async_callback(mounted.close)
    document = PageDocument(
        assets, form_targets=frozenset({_origin(provider.issuer)}), load_timeout_ms=config.load_timeout_ms
    )
    stack.push_async_callback(sign_in.tokens.close)
    identify = sign_in.identify
    overrides = OverrideCookie(Seal.open(config.key_file("overrides")), time.time, secure=config.is_secure)
    rules = rules_of(config)
    visitors = VisitorCookie(secure=config.is_secure)
    views = Views(
        manifest,
        visitors=visitors,
        overrides=overrides,
        rules=rules,
        check=partial(_misfits, manifest),
    )
    directory = BffDirectory(
        config, sees=views.call, live=partial(_live_releases, manifest), mounted=mounted, client=client
    )
    tokens = token_source(config, keys, sign_in.tokens, time.time)
    ends.listen(tokens.forget)
    open_calls = await stack.enter_async_context(OpenCalls(sign_in.sessions.alive).verifying())
    ends.listen(open_calls.end_session)
    breakers = Breakers(time.monotonic)
    gateway = Gateway(
        base_url=config.base_url,
        identify=identify,
        tokens=tokens,
        directory=directory,
        limits=config.limits,
        open_calls=open_calls,
        breakers=breakers,
        rate=Rate("person", config.rates.person, time.monotonic),
    )
    subject = FlagSubject(look_up=sign_in.sessions.look_up, visitors=visitors)
    shell = Shell(view=views.page, identify=identify, document=document, audit=sign_in.audit)
    offline = Offline(view=views.kept, identify=identify, document=document, platform=assets)
    live = Live(config.nats_url, region=config.region, alive=sign_in.sessions.alive)
    ends.listen(live.end_session)
    stack.push_async_callback(live.stop)
    live.start()
    on_drain(live.drain)
    live_app = LiveEndpoint(live, base_url=config.base_url, identify=sign_in.sessions.look_up)
    push = await stack.enter_async_context(
        Push(
            config.nats_url,
            database=sessions,
            seal=seal,
            keys=HostKeys.open(config.key_file("push")),
            hosts=PushHosts(config.push_hosts),
            base_url=config.base_url,
            identify=identify,
        )
    )
    await directory.start_mounted()
    diagnose = host_diagnoses(
        directory,
        live=partial(_live_releases, manifest),
        hub_answers=lambda: live.hub_answers,
        circuit_of=lambda backend: breakers.of(backend).state,
        settings=security_diagnoses(config),
    )
    app = Starlette(
        routes=[
            # Routes are tried in order, and calls of the API are by far the most.
            Mount(API_PREFIX, app=gateway),
            Route(LIVE_PATH, live_app),
            WebSocketRoute(LIVE_PATH, live_app),
            *health_routes({"manifest": manifest.snapshot, "sessions": partial(sessions.read, "SELECT 1")}),
            Route("/.well-known/jwks.json", _published(keys)),
            Route("/favicon.svg", _favicon),
            *well_known_routes(config, time.time),
            *sign_in.routes,
            *MySessionsEndpoint(
                sign_in.mine,
                base_url=config.base_url,
                is_secure=config.is_secure,
                identify=identify,
                audit=sign_in.audit,
            ).routes,
            *AuditEndpoint(
                sign_in.audit,
                role=config.auditor_role,
                base_url=config.base_url,
                identify=identify,
                apps=partial(_apps_with_bff, manifest),
            ).routes,
            *provider_routes,
            *offline.routes,
            *push.routes,
            Route("/_portico/{path:path}", _nothing_here, methods=_METHODS),
            *OverrideEndpoint(
                overrides, rules, base_url=config.base_url, identify=identify, check=views.faults, audit=sign_in.audit
            ).routes,
            *deployer_routes(
                manifest,
                platform=assets,
                imd=config.imd,
                subject=subject,
                diagnose=diagnose,
                sources=Sources(config.release_origins),
                paths=OVERRIDE_PATHS,
            ),
            Route("/deploy/{path:path}", _nothing_here, methods=_METHODS),
            Route("/imd/{path:path}", _nothing_here, methods=_METHODS),
            Route("/{path:path}", shell.page, methods=["GET"]),
        ],
        exception_handlers={
            **exception_handlers,
            StoreUnavailable: _store_unavailable,
            ClientDisconnect: _gone,
        },
    )
    # A path with a slash too many is another path: the shell answers it, as it answers every other.
    app.router.redirect_slashes = False
    # Outermost, so that an unexpected 500 has the headers and the receipt too.
    own = OwnHostMiddleware(app, base_url=config.base_url)
    limited = RateLimitMiddleware(own, rates=config.rates, peers=Peers(config.trusted_proxies), clock=time.monotonic)
    return ReceiptMiddleware(SecurityHeadersMiddleware(limited, hsts=config.is_secure))


def _misfits(manifest: Manifest, snapshot: Snapshot) -> list[str]:
    """What would be wrong with a channel that shows everybody this selection."""
    findings = check_channel(snapshot.releases, manifest.platform, snapshot.externals)
    return [f"{finding.pointer}: {finding.detail}" for finding in findings]


async def _live_releases(manifest: Manifest) -> Iterable[Release]:
    """Every release that the live channel holds, on both sides of every rollout."""
    return (await manifest.state()).releases.values()


async def _apps_with_bff(manifest: Manifest) -> frozenset[str]:
    return frozenset(one.app for one in await _live_releases(manifest) if one.manifest.bff is not None)


def _published(keys: Signer) -> Callable[[Request], Awaitable[Response]]:
    """The keys that BFFs verify their tokens with."""

    async def jwks(_request: Request) -> Response:
        return JSONResponse(keys.public_jwks(), headers={"Cache-Control": "public, max-age=300"})

    return jwks


async def _favicon(_request: Request) -> Response:
    return FileResponse(_ICON, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


async def _store_unavailable(_request: Request, error: Exception) -> Response:
    _logger.warning("A store is unavailable: %s", error)
    return problem_response(
        Problem("store-unavailable", status=503, detail="Try again in a moment.", headers={"Retry-After": "2"})
    )


async def _gone(_request: Request, _error: Exception) -> Response:
    """Nobody is there any more to read this; it is no error of ours to log."""
    return Response(status_code=400)


async def _nothing_here(_request: Request) -> Response:
    raise Problem.not_found("There is nothing at this address; see docs/reference.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
