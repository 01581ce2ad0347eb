"""Who is asking: sign-in, sessions, their ends, and the audit of the host."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from starlette.routing import BaseRoute

from portico.host.assembly.channel import apps_with_bff, live_releases
from portico.host.audit.endpoint import AuditEndpoint
from portico.host.audit.sweep import swept
from portico.host.bffs import resources
from portico.host.config import HostConfig, ProviderConfig
from portico.host.my_sessions import MySessionsEndpoint
from portico.host.push import FORGET_SESSION
from portico.host.session import Seal, SessionSettings, SignIn, create_sign_in
from portico.host.session_ends import SessionEnds
from portico.host.sessions_database import open_sessions
from portico.manifest import Manifest
from portico.sql import Database


@dataclass(frozen=True, slots=True)
class Identity:
    """What the rest of the host needs to know people by. `ends` tells of every session that ends, wherever it does."""

    sign_in: SignIn
    database: Database
    seal: Seal
    ends: SessionEnds


async def open_identity(
    config: HostConfig, provider: ProviderConfig, manifest: Manifest, stack: AsyncExitStack
) -> Identity:
    """Open sessions and sign-in at one provider; `stack` closes them."""
    database = await open_sessions(config.sessions_database_url)
    stack.push_async_callback(database.close)
    seal = Seal.open(config.key_file("sessions"))
    settings = SessionSettings(
        base_url=config.base_url,
        provider=provider,
        idle=config.session_idle_s,
        absolute=config.session_absolute_s,
    )
    sign_in = create_sign_in(
        settings,
        database=database,
        seal=seal,
        forget_too=[FORGET_SESSION],
        resources=partial(resources, config, partial(live_releases, manifest)),
    )
    await stack.enter_async_context(swept(sign_in.audit, config.audit_days))
    ends = SessionEnds(config.nats_url, alive=sign_in.sessions.alive)
    sign_in.sessions.when_ended(ends.tell)
    stack.push_async_callback(ends.stop)
    ends.start()
    stack.push_async_callback(sign_in.tokens.close)
    return Identity(sign_in, database, seal, ends)


def identity_routes(config: HostConfig, identity: Identity, manifest: Manifest) -> list[BaseRoute]:
    """Sign-in and out, one's own sessions, and the host's audit."""
    sign_in = identity.sign_in
    mine = MySessionsEndpoint(
        sign_in.mine,
        base_url=config.base_url,
        is_secure=config.is_secure,
        identify=sign_in.identify,
        audit=sign_in.audit,
    )
    audit = AuditEndpoint(
        sign_in.audit,
        role=config.auditor_role,
        base_url=config.base_url,
        identify=sign_in.identify,
        apps=partial(apps_with_bff, manifest),
    )
    return [*sign_in.routes, *mine.routes, *audit.routes]
