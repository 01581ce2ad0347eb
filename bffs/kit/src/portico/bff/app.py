"""Assembly of a BFF: the only place where settings, routes, schema, store and middleware meet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portico.bff import edge
from portico.bff.assertion import Service
from portico.bff.assertion.assembly import keys_of, service_routes, verifier_of
from portico.bff.audit import audit_routes
from portico.bff.authentication import Authentication
from portico.bff.body_limit import BodyLimit
from portico.bff.claim_names import ClaimNames
from portico.bff.config import BffSettings
from portico.bff.contracts.routes import asyncapi_route
from portico.bff.discovery import issuer_keys
from portico.bff.errors import DeclarationError
from portico.bff.fault_routes import fault_routes
from portico.bff.graphql.endpoint import METHODS, GraphQLEndpoint
from portico.bff.graphql.limits import Limits
from portico.bff.graphql.schema import BffSchema
from portico.bff.hub import Hub, NatsHub
from portico.bff.keys import JwksKeys, KeySource
from portico.bff.listener import Listener
from portico.bff.metrics import Meters
from portico.bff.metrics_routes import metrics_routes
from portico.bff.outcomes import COMMAND_ROUTES
from portico.bff.parts import Parts
from portico.bff.rebuild_routes import rebuild_routes
from portico.bff.rebuilder import rebuilding
from portico.bff.refusals import Refusals
from portico.bff.rest.caching import CacheRule, entity_tag, matches
from portico.bff.rest.endpoint import build_routes
from portico.bff.rest.openapi import openapi
from portico.bff.rest.operation import Operation
from portico.bff.serving import running_store
from portico.bff.store import EntityStore
from portico.bff.verifier import TokenPolicy
from portico.problem import Problem
from portico.sql import Migration

Part = Callable[[Parts], AbstractAsyncContextManager[Any]]
"""A part of the running application: opened after the store and the parts before it, closed in reverse order.

What its context manager yields can be had by its type (`call.get(Catalogue)`); None is only opened and closed.
"""


def create_bff(
    settings: BffSettings | Mapping[str, str],
    *,
    routes: Sequence[Operation] = (),
    schema: BffSchema | None = None,
    parts: Sequence[Part] = (),
    store: bool = True,
    migrations: Sequence[Migration] = (),
    listener: Listener | None = None,
    hub: Hub | None = None,
    keys: KeySource | None = None,
    title: str | None = None,
    version: str = "1.0.0",
    limits: Limits | None = None,
    max_body_bytes: int = 256 * 1024,
) -> Starlette:
    """A BFF with its REST `routes`, its GraphQL `schema` at `/graphql`, or both, besides `/healthz` and `/readyz`.

    With a store it also answers what became of a command, at `/_commands/<key>`, and auditors, at `/audit`.

    `store` opens the entity store at the settings' database with `migrations` of one's own; its events go to `hub` or
    to the hub that the settings name, and other services' events come from there to the `listener`'s rules. `keys`
    replaces the issuer's keys; with a PORTICO_SERVICE_KEY there is a `Service` part to call
    others with. REST is described at `/openapi.json`, events at `/asyncapi.json`. Raises SettingsError for
    settings that do not suffice, and DeclarationError for anything that does not say who may call it. Nothing is opened
    before the application's lifespan begins.
    """
    parsed = settings if isinstance(settings, BffSettings) else BffSettings.from_mapping(settings)
    source = keys or JwksKeys(issuer_keys(parsed), parsed.algorithms)
    policy = TokenPolicy(
        issuers=parsed.issuers,
        audience=parsed.audience,
        algorithms=parsed.algorithms,
        names=ClaimNames(parsed.roles_claim, parsed.tenant_claim),
    )
    service_keys = keys_of(parsed.services)
    service = Service.from_text(parsed.app, parsed.service_key) if parsed.service_key else None
    if not store and any(operation.is_command for operation in routes):
        raise DeclarationError("A command with a unit of work needs a store")
    if not store and listener is not None:
        raise DeclarationError("A listener needs a store")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for used in (source, *service_keys.values()):
                stack.push_async_callback(used.close)
            running = app.state.parts = Parts()
            running.add(parsed)
            if service is not None:
                running.add(service)
            if store:
                running.add(listener or Listener())
                meters = running.add(Meters(parsed.app))
                events = hub or (NatsHub(parsed.nats_url, name=parsed.app) if parsed.nats_url else None)
                kept = _store(parsed, migrations, events, listener, meters)
                opened = running.add(await stack.enter_async_context(kept))
                if events is not None:
                    meters.watch(partial(_lag, events, meters))
                running.add(Refusals(opened))
                working = rebuilding(listener or Listener(), opened, events, parsed.lake)
                running.add(await stack.enter_async_context(working))
            for part in parts:
                if (value := await stack.enter_async_context(part(running))) is not None:
                    running.add(value)
            yield
        app.state.parts = Parts()

    app = Starlette(
        routes=[
            Route("/healthz", _healthz, methods=["GET"]),
            Route("/readyz", _readyz, methods=["GET"]),
            *service_routes(service),
            *_rest(
                routes,
                _own_routes(parsed) if store else (),
                title or parsed.app,
                version,
            ),
            *_graphql(schema, limits or Limits(), parsed),
            *([asyncapi_route(parsed.app, listener, title=title or parsed.app, version=version)] if store else ()),
        ],
        middleware=[
            Middleware(BodyLimit, limit=max_body_bytes),
            Middleware(Authentication, verifier=verifier_of(policy, source, parsed.services, service_keys)),
        ],
        exception_handlers=edge.handlers,
        lifespan=lifespan,
    )
    app.state.parts = Parts()
    app.state.listener = listener  # for tools and tests: what the service hears
    return app


def _own_routes(settings: BffSettings) -> Sequence[Operation]:
    """What the kit itself answers for every BFF with a store."""
    return (
        *COMMAND_ROUTES,
        *audit_routes(settings.auditor_role),
        *fault_routes(settings.operator_role),
        *rebuild_routes(settings.operator_role),
        *metrics_routes(settings.operator_role, settings.metrics_role),
    )


def _store(
    settings: BffSettings, migrations: Sequence[Migration], hub: Hub | None, listener: Listener | None, meters: Meters
) -> AbstractAsyncContextManager[EntityStore]:
    return running_store(
        settings.database_url,
        service=settings.app,
        region=settings.region,
        migrations=migrations,
        hub=hub,
        listener=listener,
        audit_days=settings.audit_days,
        meters=meters,
    )


async def _lag(hub: Hub, meters: Meters) -> None:
    meters.lake(None)  # what is not known is not shown
    if (state := await hub.lake()) is not None:
        meters.lake(max(0, state.last - state.kept))


def _rest(own: Sequence[Operation], kits: Sequence[Operation], title: str, version: str) -> list[Route]:
    """The routes of a BFF's own operations, described, and of those that the kit adds to it."""
    built = build_routes([*own, *kits])
    if not own:
        return built
    document = openapi([*own, *kits], title=title, version=version)

    async def contract(request: Request) -> Response:
        # The address depends on where the application is mounted; all else is fixed.
        body = msgspec.json.encode({**document, "servers": [{"url": request.scope.get("root_path") or "/"}]})
        headers = {"ETag": entity_tag(body), "Cache-Control": CacheRule().header()}
        if matches(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    return [Route("/openapi.json", contract, methods=["GET"]), *built]


def _graphql(schema: BffSchema | None, limits: Limits, settings: BffSettings) -> list[Route]:
    if schema is None:
        return []
    endpoint = GraphQLEndpoint(schema, limits=limits, introspection=settings.introspection)
    return [Route("/graphql", endpoint, methods=METHODS, name="graphql")]


async def _healthz(_request: Request) -> Response:
    return _status("ok")


async def _readyz(request: Request) -> Response:
    parts: Parts = request.app.state.parts
    if BffSettings not in parts:
        raise Problem("not-ready", status=503, title="Not ready", headers={"Retry-After": "1"})
    if EntityStore in parts:
        await parts.get(EntityStore).database.read("SELECT 1")
    return _status("ready")


def _status(word: str) -> Response:
    return Response(
        msgspec.json.encode({"status": word}), headers={"Cache-Control": "no-store"}, media_type="application/json"
    )
